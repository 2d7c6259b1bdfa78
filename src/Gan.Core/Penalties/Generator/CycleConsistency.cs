namespace Gan.Core;

/// <summary>
/// Cycle consistency, in the turn of a translator F that makes points of its condition x: Coefficient E |B(F(x)) - x|_1, with
/// B the translator back, a player, and the distance a mean over the elements of a point. With Identity it adds
/// Coefficient Identity E |F(y) - y|_1 on real points y: a translator leaves alone what is of its own kind already.
/// </summary>
/// <remarks>Zhu et al., 2017 (CycleGAN), with a coefficient of 10 and, for paintings, an identity of 0.5.</remarks>
public sealed record CycleConsistency : Proportional, IPenalty
{
    /// <summary>With a coefficient of 10.</summary>
    public CycleConsistency() => Coefficient = 10;

    /// <summary>The player F.</summary>
    public required string Forward { get; init; }

    /// <summary>The player B, which translates back.</summary>
    public required string Back { get; init; }

    /// <summary>The coefficient of the identity's term, as a fraction of the cycle's.</summary>
    public double Identity
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <inheritdoc/>
    public bool ReadsReal => Identity > 0;

    /// <inheritdoc/>
    public void Validate(PenaltySetting setting)
    {
        if (setting.Condition is not { } given)
            throw new ArgumentException("Cycle consistency needs a generator that translates a condition.");
        var back =
            setting.Networks.GetValueOrDefault(Back) as IGenerator
            ?? throw new ArgumentException(
                $"Cycle consistency needs a translator back; there is no generator '{Back}' among {string.Join(", ", setting.Networks.Keys)}."
            );
        if (!given.Equals(back.Space) || !setting.Space.Equals(back.Condition))
            throw new ArgumentException(
                $"'{Back}' must translate {setting.Space.Describe()} into {given.Describe()}; it translates {back.Condition?.Describe() ?? "nothing"} into {back.Space.Describe()}."
            );
        if (Identity > 0 && !given.Equals(setting.Space))
            throw new ArgumentException("The identity's term needs two domains of one space.");
    }

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var there = input.Condition!;
        var back = Translate(input, Back, input.Fake);
        var cycle = Distance(back, there);
        var value = cycle * Coefficient;
        if (Identity > 0)
            value = value + Distance(Translate(input, Forward, input.Real), input.Real) * (Coefficient * Identity);
        return new Term(value) { Measurements = new([new("distance", cycle.detach())]) };
    }

    static Sample Translate(PenaltyInput input, string player, Sample points)
    {
        var translator = input.Players[player];
        var latents = translator.Generator.Latents.Draw(
            input.Key.Derive(player),
            points.BatchSize,
            points.Components[0].Tensor.dtype
        );
        var made = translator.Generate(
            latents.On(points.Components[0].Tensor.device),
            points,
            input.Key.Derive(player)
        );
        return made.Sample;
    }

    static Tensor Distance(Sample a, Sample b) => (a.ToMatrix() - b.ToMatrix()).abs().mean();
}
