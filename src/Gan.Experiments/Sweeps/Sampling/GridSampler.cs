namespace Gan.Experiments;

/// <summary>Every combination of the values once, the last parameter changing fastest.</summary>
public sealed class GridSampler(IReadOnlyList<SweepParameter> parameters) : ISampler
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Tried> tried) =>
        All(parameters).Skip(number).FirstOrDefault();

    /// <summary>Every combination of the values of parameters that have some, in the order of their numbers.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> All(IReadOnlyList<SweepParameter> parameters) =>
        parameters
            .Cast<SweepParameter.Choice>()
            .Aggregate<SweepParameter.Choice, IEnumerable<IReadOnlyDictionary<string, string>>>(
                [new Dictionary<string, string>()],
                (partial, parameter) => partial.SelectMany(values => With(values, parameter))
            );

    static IEnumerable<IReadOnlyDictionary<string, string>> With(
        IReadOnlyDictionary<string, string> values,
        SweepParameter.Choice parameter
    ) =>
        Samplers.IsActive(parameter, values)
            ? parameter.Values.Select(value => new Dictionary<string, string>(values) { [parameter.Name] = value })
            : [values];
}
