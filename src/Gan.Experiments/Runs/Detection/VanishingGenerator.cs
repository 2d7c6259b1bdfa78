namespace Gan.Experiments;

/// <summary>The generator's gradient is a thousandth of what it was at first.</summary>
internal sealed class VanishingGenerator(string normName) : IDetector
{
    const int First = 10;
    const int Times = 10;
    const double Fraction = 1e-3;
    readonly List<double> first = [];
    readonly Persistence vanished = new(Times);

    public Detection? Look(IReadOnlyDictionary<string, double> values)
    {
        if (!values.TryGetValue(normName, out var norm))
            return null;
        if (first.Count < First)
        {
            first.Add(norm);
            first.Sort();
            return null;
        }
        var usual = first[First / 2];
        return vanished.Begins(norm < Fraction * usual)
            ? new Detection(
                "vanishing_generator_gradient",
                $"the norm of the generator's gradient is {norm:G3}; at first it was {usual:G3}",
                "Take a loss that does not saturate (non_saturating, relativistic_paired, wasserstein with wgan_gp), or a weaker discriminator."
            )
            : null;
    }
}
