namespace Gan.Experiments;

/// <summary>
/// n configurations, of which each parameter has one in each n-th of its range (McKay, Beckman and Conover 1979).
/// </summary>
public sealed class LatinHypercubeSampler(IReadOnlyList<SweepParameter> parameters, int count, long seed) : ISampler
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Tried> tried) =>
        number >= count
            ? null
            : Samplers.Active(
                parameters,
                parameter =>
                    parameter.Value(
                        (
                            Draws.Permutation(count, seed, parameter.Name)[number]
                            + Draws.Unit(seed, $"{parameter.Name}/{number}")
                        ) / count
                    )
            );
}
