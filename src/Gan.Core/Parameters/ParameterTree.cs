using System.Collections;
using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>A tensor and its path in a tree, as in <c>2/weight</c>. Equality is of the path and of the tensor by reference.</summary>
public sealed record NamedTensor(string Path, Tensor Tensor)
{
    /// <inheritdoc/>
    public bool Equals(NamedTensor? other) =>
        other is not null && Path == other.Path && ReferenceEquals(Tensor, other.Tensor);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, RuntimeHelpers.GetHashCode(Tensor));
}

/// <summary>A tree and its name inside a larger one.</summary>
public sealed record NamedTree(string Name, ParameterTree Tree);

/// <summary>
/// An ordered, immutable tree of tensors, named by paths with <c>/</c> between levels. Two trees are the same only by
/// reference; compare their contents by <see cref="AllClose"/> or <see cref="Hash"/>.
/// </summary>
public sealed class ParameterTree : IReadOnlyList<NamedTensor>
{
    readonly TreeLayout layout;
    readonly Tensor[] tensors;
    readonly int offset;

    internal ParameterTree(TreeLayout layout, Tensor[] tensors, int offset = 0)
    {
        this.layout = layout;
        this.tensors = tensors;
        this.offset = offset;
    }

    /// <summary>The tree without tensors.</summary>
    public static ParameterTree Empty { get; } = new(new TreeLayout([]), []);

    /// <summary>A tree of tensors in the given order.</summary>
    /// <exception cref="ArgumentException">A path stands twice, or is both a tensor and a level.</exception>
    public static ParameterTree FromTensors(IEnumerable<NamedTensor> entries)
    {
        var list = entries.ToArray();
        return new ParameterTree(
            new TreeLayout(Array.ConvertAll(list, entry => entry.Path)),
            Array.ConvertAll(list, entry => entry.Tensor)
        );
    }

    /// <summary>One tree of several, each under its name. Empty ones leave nothing.</summary>
    public static ParameterTree Join(IEnumerable<NamedTree> children) =>
        FromTensors(
            from child in children
            from entry in child.Tree
            select new NamedTensor($"{child.Name}/{entry.Path}", entry.Tensor)
        );

    /// <summary>The paths, in order.</summary>
    public IReadOnlyList<string> Paths => layout.Paths;

    /// <inheritdoc/>
    public int Count => layout.Paths.Length;

    /// <inheritdoc/>
    public NamedTensor this[int index] => new(layout.Paths[index], tensors[offset + index]);

    /// <summary>The tensor at a path.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the paths.</exception>
    public Tensor this[string path] => tensors[offset + layout.IndexOf(path)];

    /// <summary>True when there is a tensor at the path.</summary>
    public bool Contains(string path) => layout.Contains(path);

    /// <summary>The tree below a level; empty when nothing is below it.</summary>
    public ParameterTree Child(string name)
    {
        var child = layout.Child(name);
        return child is null ? Empty : new ParameterTree(child.Layout, tensors, offset + child.Start);
    }

    /// <summary>A tree of the same paths with other tensors.</summary>
    public ParameterTree Map(Func<Tensor, Tensor> function) => With(Array.ConvertAll(ToArray(), t => function(t)));

    /// <summary>Combines two trees of the same paths, tensor by tensor.</summary>
    /// <exception cref="ArgumentException">The paths differ.</exception>
    public ParameterTree Zip(ParameterTree other, Func<Tensor, Tensor, Tensor> function)
    {
        RequireSamePaths(other);
        return With([.. ToArray().Zip(other.ToArray(), function)]);
    }

    /// <summary>A tree on the way to another: this one at 0, the other at 1.</summary>
    internal ParameterTree Toward(ParameterTree other, double fraction) => Zip(other, (a, b) => a + (b - a) * fraction);

    /// <summary>The Euclidean norm of all tensors as one vector; a float64 tensor without dimensions.</summary>
    public Tensor Norm() => WeightKernels.Norm(ToArray());

    /// <summary>The number of elements in all tensors.</summary>
    public long Elements => ToArray().Sum(tensor => tensor.numel());

    /// <summary>True when paths and shapes agree and every |a - b| is at most absolute + relative |b|.</summary>
    public bool AllClose(ParameterTree other, double relative, double absolute)
    {
        if (!Paths.SequenceEqual(other.Paths))
            return false;
        using var scope = NewDisposeScope();
        foreach (var (a, b) in ToArray().Zip(other.ToArray()))
        {
            if (!a.shape.SequenceEqual(b.shape))
                return false;
            var excess = (a.detach() - b.detach()).abs() - (b.detach().abs() * relative + absolute);
            if (a.numel() > 0 && !excess.le(0).all().item<bool>())
                return false;
        }
        return true;
    }

    /// <summary>SHA-256 over path, dtype, shape and little-endian bytes of every tensor, in the paths' ordinal order.</summary>
    public string Hash() => TreeHash.Of(this);

    /// <inheritdoc/>
    public IEnumerator<NamedTensor> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The same numbers as leaves that gradients are wanted of.</summary>
    internal ParameterTree Leaves() => With(Array.ConvertAll(ToArray(), Gradient.Leaf));

    internal Tensor[] ToArray() => tensors.AsSpan(offset, Count).ToArray();

    internal ParameterTree With(Tensor[] replaced) => new(layout, replaced);

    internal void RequireSamePaths(ParameterTree other)
    {
        if (!ReferenceEquals(layout, other.layout) && !Paths.SequenceEqual(other.Paths))
            throw new ArgumentException(
                $"The trees have different paths: [{string.Join(", ", Paths)}] and [{string.Join(", ", other.Paths)}]."
            );
    }
}
