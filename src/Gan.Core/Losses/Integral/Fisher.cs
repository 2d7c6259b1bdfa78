namespace Gan.Core;

/// <summary>
/// Fisher GAN: the discriminator maximizes E D(x) - E D(G(z)) at unit second moment O = (E D(x)^2 + E D(G(z))^2)/2, by an augmented
/// Lagrangian: discriminator -(E D(x) - E D(G(z))) - l (1 - O) + Penalty/2 (O - 1)^2; generator -E D(G(z)). Its state is the
/// multiplier l, from 0: l' = l + Penalty (O - 1).
/// </summary>
/// <remarks>Mroueh and Sercu, 2017.</remarks>
public sealed record Fisher : IAdversarialLoss
{
    const string Multiplier = "multiplier";

    /// <summary>rho: the weight of the quadratic term, and the multiplier's rate.</summary>
    public double Penalty
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-6;

    /// <inheritdoc/>
    public ParameterTree Init(ScalarType dtype) => ParameterTree.FromTensors([new(Multiplier, zeros([], dtype))]);

    /// <inheritdoc/>
    public Term Discriminator(LossInput input)
    {
        var moment = (input.Real.Logits.square().mean() + input.Fake.Logits.square().mean()) * 0.5;
        var excess = moment - 1;
        var difference = input.Fake.Logits.mean() - input.Real.Logits.mean();
        return new Term(difference + input.State[Multiplier] * excess + excess.square() * (Penalty / 2))
        {
            State = input.State.Map(multiplier => multiplier + excess.detach() * Penalty),
        };
    }

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(input.Fake.Logits.mean().neg());
}
