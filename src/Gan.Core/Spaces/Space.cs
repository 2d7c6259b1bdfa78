namespace Gan.Core;

/// <summary>What values the elements of a component take; a generator's head follows from it.</summary>
public enum ValueRange
{
    /// <summary>Any real number: the head is linear.</summary>
    Unbounded,

    /// <summary>[-1, 1]: the head ends in tanh.</summary>
    Symmetric,

    /// <summary>[0, 1]: the head ends in a sigmoid.</summary>
    Unit,

    /// <summary>Whole numbers from 0, int64: a class, or a token. No generator here makes them.</summary>
    Index,
}

/// <summary>One tensor of a space: its name in a sample, the shape of a point, and the range of its elements.</summary>
public sealed record Component(string Name, ImmutableArray<int> Shape, ValueRange Range)
{
    /// <summary>The number of elements of a point.</summary>
    public int Size => Shape.Aggregate(1, (a, b) => a * b);

    /// <inheritdoc/>
    public bool Equals(Component? other) =>
        other is not null && Name == other.Name && Shape.SequenceEqual(other.Shape) && Range == other.Range;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Size, Range);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}[{string.Join(", ", Shape)}]";
}

/// <summary>
/// What data and conditions are made of. Closed: an image, a waveform, a vector, a label, a text, or a product of named
/// spaces; <see cref="Match{T}"/> takes one function per case. Equality is of the components.
/// </summary>
public abstract record Space
{
    private Space() { }

    /// <summary>The tensors of a point, in order.</summary>
    public abstract IReadOnlyList<Component> Components { get; }

    /// <summary>The number of elements of a point, over all components.</summary>
    public int Size => Components.Sum(component => component.Size);

    /// <summary>One function per case.</summary>
    public T Match<T>(
        Func<Image, T> image,
        Func<Audio, T> audio,
        Func<Vector, T> vector,
        Func<Label, T> label,
        Func<Text, T> text,
        Func<Product, T> product
    ) =>
        this switch
        {
            Image own => image(own),
            Audio own => audio(own),
            Vector own => vector(own),
            Label own => label(own),
            Text own => text(own),
            _ => product((Product)this),
        };

    /// <summary>The space of packs of several points side by side: images have their channels one after the other.</summary>
    public Space Packed(int pack) =>
        Match<Space>(
            image => image with { Channels = image.Channels * pack },
            audio => audio with { Samples = audio.Samples * pack },
            vector => vector with { Dimensions = vector.Dimensions * pack },
            label => throw new ArgumentException($"Labels cannot be packed: {label.Describe()}."),
            text => text with { Length = text.Length * pack },
            product => new Product([
                .. product.Factors.Select(factor => factor with { Space = factor.Space.Packed(pack) }),
            ])
        );

    /// <summary>The components and their shapes, for a message: <c>image[1, 28, 28] and label</c>.</summary>
    public string Describe() => string.Join(" and ", Components);

    /// <summary>Checks that a sample is of this space.</summary>
    /// <exception cref="ArgumentException">A component is missing or has another shape; the message has both.</exception>
    public void Validate(Sample sample, string what)
    {
        foreach (var component in Components)
            Require.Shape(sample[component.Name], component.Shape, $"{what}: {component.Name}");
    }

    /// <summary>Images of [batch, Channels, Height, Width].</summary>
    public sealed record Image(int Channels, int Height, int Width, ValueRange Range) : Space
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Component> Components => [new("image", [Channels, Height, Width], Range)];
    }

    /// <summary>Waveforms of [batch, Samples], at SampleRate samples a second, in [-1, 1].</summary>
    public sealed record Audio(int Samples, int SampleRate) : Space
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Component> Components => [new("audio", [Samples], ValueRange.Symmetric)];
    }

    /// <summary>Vectors of [batch, Dimensions].</summary>
    public sealed record Vector(int Dimensions, ValueRange Range) : Space
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Component> Components => [new("vector", [Dimensions], Range)];
    }

    /// <summary>Classes of [batch], whole numbers from 0 to below Classes.</summary>
    public sealed record Label(int Classes) : Space
    {
        /// <summary>The name of its component.</summary>
        public const string Name = "label";

        /// <summary>The number of classes.</summary>
        public int Classes { get; init; } = Require.Positive(Classes, nameof(Classes));

        /// <inheritdoc/>
        public override IReadOnlyList<Component> Components => [new(Name, [], ValueRange.Index)];
    }

    /// <summary>Texts of [batch, Length] tokens, whole numbers from 0 to below Vocabulary; shorter texts end in 0.</summary>
    public sealed record Text(int Vocabulary, int Length) : Space
    {
        /// <summary>The number of different tokens, 0 included.</summary>
        public int Vocabulary { get; init; } = Require.Positive(Vocabulary, nameof(Vocabulary));

        /// <summary>The number of tokens of a text.</summary>
        public int Length { get; init; } = Require.Positive(Length, nameof(Length));

        /// <inheritdoc/>
        public override IReadOnlyList<Component> Components => [new("text", [Length], ValueRange.Index)];
    }

    /// <summary>Points that have a part in each of several named spaces: what makes a GAN multimodal.</summary>
    public sealed record Product : Space
    {
        /// <summary>A product of named spaces, none of them a product.</summary>
        public Product(params Factor[] factors)
        {
            Factors = [.. factors];
            Components =
            [
                .. Factors.SelectMany(factor =>
                    factor.Space.Components.Select(component => component with { Name = factor.Name })
                ),
            ];
            if (Factors.Any(factor => factor.Space is Product))
                throw new ArgumentException("A factor of a product may not be a product; name its factors here.");
            if (Factors.Select(factor => factor.Name).Distinct().Count() != Factors.Length)
                throw new ArgumentException("Two factors of a product have the same name.");
        }

        /// <summary>The named spaces.</summary>
        public ImmutableArray<Factor> Factors { get; }

        /// <inheritdoc/>
        public override IReadOnlyList<Component> Components { get; }

        /// <summary>The factor of a name.</summary>
        /// <exception cref="ArgumentException">There is none.</exception>
        public Factor Find(string name) =>
            Factors.FirstOrDefault(factor => factor.Name == name)
            ?? throw new ArgumentException(
                $"Unknown part of the data '{name}'. Parts: {string.Join(", ", Factors.Select(factor => factor.Name))}."
            );

        /// <summary>The part of a sample that is of a factor's space, its component named as that space names it.</summary>
        public Sample Part(Sample sample, string name) =>
            new([new NamedTensor(Find(name).Space.Components[0].Name, sample[name])]);

        /// <inheritdoc/>
        public bool Equals(Product? other) => other is not null && Factors.SequenceEqual(other.Factors);

        /// <inheritdoc/>
        public override int GetHashCode() => Factors.Aggregate(0, HashCode.Combine);
    }

    /// <summary>A named part of a product.</summary>
    public sealed record Factor(string Name, Space Space);
}
