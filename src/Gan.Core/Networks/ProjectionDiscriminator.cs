namespace Gan.Core;

/// <summary>
/// A projection discriminator: D(x, c) = D(x) + (V e(c)) . f(x), with D an inner discriminator of one logit, f(x) its
/// features, e(c) the condition's numbers and V of [features, numbers]: the product says how well point and condition fit.
/// </summary>
/// <remarks>Miyato and Koyama, 2018. For labels e is the table of their embeddings; V makes it of the features' size.</remarks>
public sealed record ProjectionDiscriminator : WrappedDiscriminator
{
    const string OfInner = "inner";
    const string OfCondition = "condition";
    const string Projection = "projection";

    readonly ConditionEncoder encoder;
    readonly int features;

    /// <summary>The discriminator of conditions of a space, projected on the inner one's features.</summary>
    /// <param name="inner">One that offers features of <paramref name="features"/> numbers, and takes no condition.</param>
    /// <param name="encoder">Makes numbers of conditions.</param>
    /// <param name="features">The number of the inner one's features.</param>
    public ProjectionDiscriminator(IDiscriminator inner, ConditionEncoder encoder, int features)
        : base(RequireFeatures(inner)) =>
        (this.encoder, this.features) = (encoder, Require.Positive(features, nameof(features)));

    /// <inheritdoc/>
    public override Space? Condition => encoder.Space;

    /// <inheritdoc/>
    public override LayerState Init(RandomKey key, ScalarType dtype)
    {
        var inner = Inner.Init(key.Derive(OfInner), dtype);
        var bound = 1 / Math.Sqrt(encoder.Size);
        return new(
            ParameterTree.Join([
                new(OfInner, inner.Weights),
                new(OfCondition, encoder.Init(key.Derive(OfCondition), dtype)),
                new(
                    Projection,
                    ParameterTree.FromTensors([
                        new("weight", key.Derive(Projection).UniformWithin(bound, dtype, [features, encoder.Size])),
                    ])
                ),
            ]),
            inner.Buffers
        );
    }

    /// <inheritdoc/>
    public override IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) =>
        [.. Inner.Matrices(weights.Child(OfInner)).Under(OfInner)];

    /// <inheritdoc/>
    public override DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    )
    {
        var result = Inner.Discriminate(state with { Weights = state.Weights.Child(OfInner) }, sample, null, mode, key);
        var given =
            condition
            ?? throw new ArgumentException(
                $"This discriminator is conditioned on {encoder.Space.Describe()}; got no condition."
            );
        var seen = result.Output.NeedFeatures();
        if (seen.size(1) != features)
            throw new ArgumentException(
                $"The inner discriminator was said to offer {features} features; it offers {seen.Describe()}."
            );
        var code = encoder.Encode(state.Weights.Child(OfCondition), given, seen.dtype);
        var projected = code.mm(state.Weights.Child(Projection)["weight"].t());
        return result with
        {
            Output = result.Output with { Logits = result.Output.Logits + (projected * seen).sum([1]) },
        };
    }

    static IDiscriminator RequireFeatures(IDiscriminator inner)
    {
        RefusedException.RequireOutputs(inner, OutputParts.Features, "A projection");
        return inner.LogitCount == 1 && inner.Pack == 1 && inner.Condition is null
            ? inner
            : throw new RefusedException(
                GamePart.Discriminator,
                "A projection needs an inner discriminator of one logit that takes no condition and does not pack points."
            );
    }
}
