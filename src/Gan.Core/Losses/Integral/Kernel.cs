namespace Gan.Core;

/// <summary>A kernel of a squared distance s, summed over several scales. Closed: <see cref="Match{T}"/> takes one function per case. Equality is of the case and the scales.</summary>
public abstract record Kernel
{
    private Kernel(double[] scales) => Scales = [.. scales.Select(scale => Require.Positive(scale, nameof(scales)))];

    /// <summary>One function per case.</summary>
    public T Match<T>(Func<RationalQuadratic, T> rationalQuadratic, Func<Gaussian, T> gaussian) =>
        this is RationalQuadratic own ? rationalQuadratic(own) : gaussian((Gaussian)this);

    /// <summary>The scales that are summed over.</summary>
    public ImmutableArray<double> Scales { get; }

    /// <summary>The kernel's values for squared distances.</summary>
    public Tensor Of(Tensor squared) => Scales.Select(scale => OfScale(squared, scale)).Aggregate((a, b) => a + b);

    /// <inheritdoc/>
    public virtual bool Equals(Kernel? other) =>
        other is not null && EqualityContract == other.EqualityContract && Scales.SequenceEqual(other.Scales);

    /// <inheritdoc/>
    public override int GetHashCode() => Scales.Aggregate(EqualityContract.GetHashCode(), HashCode.Combine);

    /// <summary>The kernel of one scale.</summary>
    protected abstract Tensor OfScale(Tensor squared, double scale);

    /// <summary>(1 + s / (2 a))^-a for each scale a.</summary>
    /// <remarks>Binkowski et al., 2018.</remarks>
    public sealed record RationalQuadratic : Kernel
    {
        /// <summary>The kernel of these scales.</summary>
        public RationalQuadratic(params double[] scales)
            : base(scales) { }

        /// <inheritdoc/>
        protected override Tensor OfScale(Tensor squared, double scale) => (squared * (0.5 / scale) + 1).pow(-scale);
    }

    /// <summary>exp(-s / (2 a^2)) for each scale a.</summary>
    /// <remarks>Li et al., 2017.</remarks>
    public sealed record Gaussian : Kernel
    {
        /// <summary>The kernel of these scales.</summary>
        public Gaussian(params double[] scales)
            : base(scales) { }

        /// <inheritdoc/>
        protected override Tensor OfScale(Tensor squared, double scale) => (squared * (-0.5 / (scale * scale))).exp();
    }
}
