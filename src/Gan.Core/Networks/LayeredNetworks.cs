namespace Gan.Core;

/// <summary>
/// A generator of a layer and the head that its space asks for: the body's [batch, Space.Size] (or, for one component,
/// [batch, its shape]) is cut into components, and each is squashed into its range.
/// </summary>
public sealed record LayeredGenerator(LatentPrior Latents, ILayer Body, Space Space) : IGenerator
{
    /// <inheritdoc/>
    public bool MixesSamples => Body.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) => Body.Init(key, dtype);

    /// <inheritdoc/>
    public Generated Generate(LayerState state, Tensor latents, Sample? condition, Mode mode, RandomKey key)
    {
        using var scope = new TensorScope(state, latents);
        var output = Body.Apply(state.Weights, state.Buffers, latents, mode, key);
        var flat = output.Output.ndim == 2 ? output.Output : output.Output.flatten(1);
        if (flat.size(1) != Space.Size)
            throw new ArgumentException(
                $"The generator's body must end in {Space.Size} numbers a point, for {string.Join(" and ", Space.Components)}; it ends in {flat.size(1)}."
            );
        var start = 0;
        var components = new List<NamedTensor>();
        foreach (var component in Space.Components)
        {
            var part = Space.Components.Count == 1 ? flat : flat.narrow(1, start, component.Size);
            start += component.Size;
            components.Add(new NamedTensor(component.Name, scope.Keep(Squash(part, component))));
        }
        scope.Keep(output.Buffers.ToArray());
        return new Generated(new Sample([.. components]), output.Buffers);
    }

    static Tensor Squash(Tensor flat, Component component)
    {
        var shaped =
            component.Shape.Length == 1
                ? flat
                : flat.reshape([flat.size(0), .. component.Shape.Select(size => (long)size)]);
        return component.Range switch
        {
            ValueRange.Unbounded => shaped,
            ValueRange.Symmetric => shaped.tanh(),
            ValueRange.Unit => shaped.sigmoid(),
            _ => throw new ArgumentOutOfRangeException(nameof(component), component.Range, "An unknown range."),
        };
    }
}

/// <summary>
/// A discriminator of a layer and the stem that its space asks for: a body that starts with images or waveforms gets the one
/// component as it is; <paramref name="Flat"/> asks for all components flattened, side by side. The body ends in one logit
/// a point, or in several; its features are what its last layer is given.
/// </summary>
public sealed record LayeredDiscriminator(ILayer Body, Space Space, bool Flat) : IDiscriminator
{
    /// <inheritdoc/>
    public bool MixesSamples => Body.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) => Body.Init(key, dtype);

    /// <summary>The logits of a point, which the body ends in: [batch] where there is one, [batch, LogitCount] otherwise.</summary>
    public int LogitCount
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <inheritdoc/>
    public OutputParts Outputs =>
        Body is Sequential { Layers.Length: > 1 } ? OutputParts.Features : OutputParts.Logits;

    /// <inheritdoc/>
    public DiscriminatorResult Discriminate(LayerState state, Sample sample, Sample? condition, Mode mode, RandomKey key)
    {
        using var scope = new TensorScope(state, sample);
        Space.Validate(sample, "The discriminator");
        var input = Flat ? sample.ToMatrix() : sample.Single;
        return Discriminate(Body.Apply(state.Weights, state.Buffers, input, mode, key), sample, scope);
    }

    /// <inheritdoc/>
    public DiscriminatorResult DiscriminateWithGradientNorms(LayerState state, Sample sample, Sample? condition, Mode mode, RandomKey key)
    {
        if (!Flat || LogitCount != 1 || Body is not Sequential body || !body.HasSlopes(sample.Components[0].Tensor))
            return DiscriminatorGradients.WithGradientNorms(sample, points => Discriminate(state, points, condition, mode, key));
        using var scope = new TensorScope(state, sample);
        Space.Validate(sample, "The discriminator");
        var found = body.ApplyWithSlopes(state, sample.ToMatrix());
        return Discriminate(found, sample, scope) with { SquaredGradientNorms = scope.Keep(found.Slopes!) };
    }

    DiscriminatorResult Discriminate(LayerOutput body, Sample sample, TensorScope scope)
    {
        var count = sample.BatchSize;
        if (body.Output.numel() != (long)count * LogitCount)
            throw new ArgumentException(
                $"The discriminator's body must end in {LogitCount} logit(s) a point; for {count} points it gave {body.Output.Describe()}."
            );
        var logits = LogitCount == 1 ? body.Output.reshape(count) : body.Output.reshape(count, LogitCount);
        var features = body.Features is { ndim: > 2 } maps ? maps.flatten(1) : body.Features;
        scope.Keep([logits, .. body.Buffers.ToArray()]);
        if (features is not null)
            scope.Keep(features);
        return new DiscriminatorResult(new DiscriminatorOutput(logits) { Features = features }, body.Buffers);
    }
}
