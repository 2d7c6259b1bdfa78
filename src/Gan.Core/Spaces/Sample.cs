namespace Gan.Core;

/// <summary>
/// A batch of points of a space: one tensor per component, named and ordered as the space names them; the first
/// dimension of each is the batch. Equality is of reference.
/// </summary>
public sealed class Sample
{
    readonly ImmutableArray<NamedTensor> components;

    /// <summary>A sample of the named components.</summary>
    public Sample(params NamedTensor[] components)
    {
        this.components = [.. components];
        if (this.components.IsEmpty)
            throw new ArgumentException("A sample needs at least one component.");
    }

    /// <summary>The components, in the space's order.</summary>
    public IReadOnlyList<NamedTensor> Components => components;

    /// <summary>The number of points.</summary>
    public int BatchSize => (int)components[0].Tensor.size(0);

    /// <summary>The tensor of a space that has one component.</summary>
    public Tensor Single =>
        components.Length == 1
            ? components[0].Tensor
            : throw new InvalidOperationException(
                $"This sample has {components.Length} components ({string.Join(", ", components.Select(c => c.Path))}); name one."
            );

    /// <summary>The tensor of a component.</summary>
    public Tensor this[string name] =>
        components.FirstOrDefault(component => component.Path == name)?.Tensor
        ?? throw new KeyNotFoundException(
            $"There is no component '{name}'; there is: {string.Join(", ", components.Select(c => c.Path))}."
        );

    /// <summary>The same components with other tensors.</summary>
    public Sample Map(Func<Tensor, Tensor> function) => MapNamed((_, tensor) => function(tensor));

    /// <summary>The same, by a function that is also given the component's name.</summary>
    internal Sample MapNamed(Func<string, Tensor, Tensor> function) =>
        new([.. components.Select(c => new NamedTensor(c.Path, function(c.Path, c.Tensor)))]);

    /// <summary>Combines two samples of the same space, component by component.</summary>
    public Sample Zip(Sample other, Func<Tensor, Tensor, Tensor> function) =>
        MapNamed((name, tensor) => function(tensor, other[name]));

    /// <summary>All points of this sample, then all of the other.</summary>
    public Sample Append(Sample other) => Zip(other, (a, b) => cat([a, b]));

    /// <summary>Some consecutive points.</summary>
    public Sample Slice(int start, int count) => Map(tensor => tensor.narrow(0, start, count));

    /// <summary>The same points on a device.</summary>
    public Sample On(Device device) => Map(tensor => tensor.On(device));

    /// <summary>[batch, n]: the components flattened, side by side.</summary>
    public Tensor ToMatrix() =>
        components.Length == 1
            ? components[0].Tensor.flatten(1)
            : cat([.. components.Select(c => c.Tensor.flatten(1))], 1);
}

/// <summary>What one turn draws from the data: points of the space, what they are conditioned on, and where they stand in the data.</summary>
/// <param name="Sample">The points.</param>
/// <param name="Condition">What is given with each point, where the data has it; null otherwise.</param>
/// <param name="Index">[batch] int64: the points' numbers in the data set, or in the stream of a generated one.</param>
public sealed record Batch(Sample Sample, Sample? Condition, Tensor Index)
{
    /// <summary>The same batch on a device.</summary>
    public Batch On(Device device) => new(Sample.On(device), Condition?.On(device), Index.On(device));

    /// <summary>[batch] int64: the points' classes, from 0; null where the data has none.</summary>
    public Tensor? Labels =>
        Condition?.Components.FirstOrDefault(component => component.Path == Space.Label.Name)?.Tensor;
}
