namespace Gan.Experiments;

/// <summary>A configuration that was tried, and how good it was: the greater the better.</summary>
/// <param name="Values">Its values, by parameter; those that a condition leaves out are not there.</param>
/// <param name="Score">How good; negative infinity where it failed.</param>
public sealed record Tried(IReadOnlyDictionary<string, string> Values, double Score);

/// <summary>Finds configurations. It has no memory: what it gives depends on its arguments alone.</summary>
public interface ISampler
{
    /// <summary>The values of the configuration of a number, by parameter; null after the last.</summary>
    /// <param name="number">The number, from 0 on.</param>
    /// <param name="tried">What is known when it is asked for.</param>
    IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Tried> tried);
}

/// <summary>Samplers by method.</summary>
public static class Samplers
{
    /// <summary>The sampler of a sweep's method over some parameters.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">What is varied, dependent ones after what they depend on.</param>
    /// <param name="count">How many configurations there will be, where that is known.</param>
    /// <param name="seed">The seed.</param>
    public static ISampler Of(SweepMethod method, IReadOnlyList<SweepParameter> parameters, int? count, long seed) =>
        method switch
        {
            SweepMethod.Grid => new GridSampler(parameters),
            SweepMethod.Random => new RandomSampler(parameters, seed),
            SweepMethod.LatinHypercube => new LatinHypercubeSampler(parameters, count ?? 1, seed),
            _ => new TpeSampler(parameters, seed),
        };

    /// <summary>Values by parameter, without those whose condition does not hold.</summary>
    internal static Dictionary<string, string> Active(
        IReadOnlyList<SweepParameter> parameters,
        Func<SweepParameter, string> value
    )
    {
        var values = new Dictionary<string, string>();
        foreach (var parameter in parameters)
            if (IsActive(parameter, values))
                values[parameter.Name] = value(parameter);
        return values;
    }

    /// <summary>True where a parameter is there, beside the values of those before it.</summary>
    internal static bool IsActive(SweepParameter parameter, IReadOnlyDictionary<string, string> values) =>
        parameter.Condition is not { } condition
        || (values.TryGetValue(condition.Parameter, out var other) && condition.Values.Contains(other));
}
