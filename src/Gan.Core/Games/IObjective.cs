namespace Gan.Core;

/// <summary>Numbers seen on the way, by name and in order: detached tensors without dimensions.</summary>
public sealed record Measurements(ImmutableArray<NamedTensor> Entries)
{
    /// <summary>No numbers.</summary>
    public static Measurements Empty { get; } = new(ImmutableArray<NamedTensor>.Empty);

    /// <summary>The same numbers, with tensors of their own where they are a state's.</summary>
    internal Measurements ApartFrom(params GameState[] states)
    {
        var held = new HashSet<Tensor>(states.SelectMany(state => state.Tensors), ReferenceEqualityComparer.Instance);
        return new([
            .. Entries.Select(entry =>
                held.Contains(entry.Tensor) ? entry with { Tensor = entry.Tensor.detach() } : entry
            ),
        ]);
    }

    /// <summary>All numbers: of a device's memory in one copy.</summary>
    public IReadOnlyDictionary<string, double> Read()
    {
        var values = new Dictionary<string, double>(Entries.Length);
        if (Entries.All(entry => entry.Tensor.device.type == DeviceType.CPU))
        {
            foreach (var (path, number) in Entries)
                values[path] =
                    number.dtype == ScalarType.Float32 ? number.item<float>()
                    : number.dtype == ScalarType.Float64 ? number.item<double>()
                    : number.to_type(ScalarType.Float64).item<double>();
            return values;
        }
        using var scope = NewDisposeScope();
        var stacked = stack([.. Entries.Select(entry => entry.Tensor.to_type(ScalarType.Float64))]);
        var copied = TensorData.ToArray<double>(stacked);
        for (var i = 0; i < copied.Length; i++)
            values[Entries[i].Path] = copied[i];
        return values;
    }
}

/// <summary>What an objective is a function of.</summary>
/// <param name="Players">Weights and buffers of every player, by name. Those of the players that the turn moves require gradients.</param>
/// <param name="State">The objective's own state.</param>
/// <param name="States">The states of all turns' objectives, by the turn's name.</param>
/// <param name="Batch">The data drawn for the turn; null for an objective that draws none.</param>
/// <param name="Key">The turn's randomness.</param>
/// <param name="Step">The number of steps made before.</param>
/// <param name="Dtype">The game's element type.</param>
/// <param name="Device">The game's device.</param>
/// <param name="Measure">Whether anyone will read measurements; where not, an objective need not make them.</param>
public sealed record ObjectiveInput(
    IReadOnlyDictionary<string, LayerState> Players,
    ParameterTree State,
    IReadOnlyDictionary<string, ParameterTree> States,
    Batch? Batch,
    RandomKey Key,
    long Step,
    ScalarType Dtype,
    Device Device,
    bool Measure
);

/// <summary>An objective's value.</summary>
/// <param name="Loss">What the turn's players minimize: a tensor without dimensions.</param>
/// <param name="Buffers">The new buffers of players whose networks changed theirs, by player.</param>
/// <param name="State">The objective's next state.</param>
/// <param name="Measurements">Numbers worth logging beside the loss.</param>
public sealed record ObjectiveResult(
    Tensor Loss,
    IReadOnlyList<NamedTree> Buffers,
    ParameterTree State,
    Measurements Measurements
);

/// <summary>What a turn's players minimize: a pure function.</summary>
public interface IObjective
{
    /// <summary>True when a turn needs a batch of data.</summary>
    bool DrawsData { get; }

    /// <summary>The objective's first state, for the players' first.</summary>
    ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) => ParameterTree.Empty;

    /// <summary>The loss, and what changes beside the weights.</summary>
    ObjectiveResult Evaluate(ObjectiveInput input);
}
