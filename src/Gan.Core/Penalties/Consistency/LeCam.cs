namespace Gan.Core;

/// <summary>
/// LeCam: Coefficient (E max(0, D(x) - a_F)^2 + E max(0, a_R - D(G(z)))^2), with a_R and a_F moving averages of the discriminator's mean
/// logit on real and on generated points, its state: the discriminator's two opinions stay near each other when data is scarce.
/// </summary>
/// <remarks>
/// Tseng et al., 2021, with the rectifiers of the authors' code, without which it is E (D(x) - a_F)^2 + E (D(G(z)) - a_R)^2.
/// An average is the plain mean of the first 1/(1 - Decay) turns, this one included, and moves by 1 - Decay from there.
/// </remarks>
public sealed record LeCam : Proportional, IPenalty
{
    /// <summary>With a coefficient of 0.3: lambda in the paper; 0.3 to 3 for pictures.</summary>
    public LeCam() => Coefficient = 0.3;

    const string Real = "real";
    const string Fake = "fake";
    const string Turns = "turns";

    /// <summary>How much of the averages stays.</summary>
    public double Decay
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.99;

    /// <summary>The steps before which the term is nothing, while the averages settle.</summary>
    public int After
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <inheritdoc/>
    public ParameterTree Init(ParameterTree weights) =>
        ParameterTree.FromTensors(
            new[] { Real, Fake, Turns }.Select(name => new NamedTensor(name, zeros([], weights[0].Tensor.dtype)))
        );

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var turns = input.State[Turns] + 1;
        var fraction = turns.pow(-1).clamp(min: 1 - Decay);
        var state = input.State.With([
            Moved(input.State[Real], input.RealOutput),
            Moved(input.State[Fake], input.FakeOutput),
            turns,
        ]);
        var real = (input.RealOutput.Logits - state[Fake]).relu().square().mean();
        var fake = (state[Real] - input.FakeOutput.Logits).relu().square().mean();
        return new Term((real + fake) * (input.Step < After ? 0 : Coefficient)) { State = state };

        Tensor Moved(Tensor average, DiscriminatorOutput output) =>
            average + (output.Logits.detach().mean() - average) * fraction;
    }
}
