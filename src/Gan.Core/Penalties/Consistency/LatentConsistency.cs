namespace Gan.Core;

/// <summary>A penalty that compares points with those of near latents, G(z + e) with e normal of the deviation.</summary>
public abstract record NearLatents : Proportional, IPenalty
{
    /// <summary>The deviation of the latents' noise.</summary>
    public double Deviation
    {
        get;
        init => field = Require.Positive(value);
    } = 0.03;

    /// <inheritdoc/>
    public bool ReadsReal => false;

    /// <inheritdoc/>
    public void Validate(PenaltySetting setting) => setting.RequireLatents(GetType().Name);

    /// <inheritdoc/>
    public abstract Term Evaluate(PenaltyInput input);

    private protected Sample Near(PenaltyInput input) =>
        input.Generator.Generate(input.Latents + input.Key.NormalLike(input.Latents) * Deviation);
}

/// <summary>
/// zCR in the discriminator's turn: Coefficient E (D(G(z)) - D(G(z + e)))^2, with e normal of the deviation: the discriminator says the same of
/// points from near latents.
/// </summary>
/// <remarks>Zhao et al., 2021, who pair it with <see cref="LatentDiversity"/> in the generator's turn.</remarks>
public sealed record LatentConsistency : NearLatents
{
    /// <summary>With a coefficient of 5: lambda_dis in the paper.</summary>
    public LatentConsistency() => Coefficient = 5;

    /// <inheritdoc/>
    public override Term Evaluate(PenaltyInput input) =>
        new(
            (input.FakeOutput.Logits - input.Discriminator.Discriminate(Near(input)).Logits).square().mean()
                * Coefficient
        );
}

/// <summary>
/// zCR in the generator's turn: -Coefficient E |G(z) - G(z + e)|^2, with e normal of the deviation, the squared distance a mean
/// over the elements of a point: points from near latents differ. It is never positive.
/// </summary>
/// <remarks>Zhao et al., 2021.</remarks>
public sealed record LatentDiversity : NearLatents
{
    /// <summary>With a coefficient of 0.5: lambda_gen in the paper.</summary>
    public LatentDiversity() => Coefficient = 0.5;

    /// <inheritdoc/>
    public override Term Evaluate(PenaltyInput input) =>
        new((Near(input).ToMatrix() - input.Fake.ToMatrix()).square().mean() * -Coefficient);
}
