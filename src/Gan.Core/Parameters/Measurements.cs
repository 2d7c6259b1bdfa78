namespace Gan.Core;

/// <summary>Numbers seen on the way, by name and in order: detached tensors without dimensions.</summary>
public sealed record Measurements(ImmutableArray<NamedTensor> Entries)
{
    /// <summary>No numbers.</summary>
    public static Measurements Empty { get; } = new(ImmutableArray<NamedTensor>.Empty);

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
