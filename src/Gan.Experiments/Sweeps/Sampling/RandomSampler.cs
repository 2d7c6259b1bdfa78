namespace Gan.Experiments;

/// <summary>Each parameter drawn by itself (Bergstra and Bengio 2012), without end.</summary>
public sealed class RandomSampler(IReadOnlyList<SweepParameter> parameters, long seed) : ISampler
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Tried> tried) =>
        Samplers.Active(parameters, parameter => parameter.Value(Draws.Unit(seed, $"{parameter.Name}/{number}")));
}
