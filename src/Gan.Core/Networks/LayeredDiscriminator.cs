namespace Gan.Core;

/// <summary>
/// A discriminator of a layer and the stem that its space asks for: a body that starts with images or waveforms gets the one
/// component as it is; <paramref name="Flat"/> asks for all components flattened, side by side. The body ends in one logit
/// a point, or in several; its features are what its last layer is given. With an encoder it is conditioned: the
/// condition's numbers are put beside a flat input, or through a linear layer beside an image as one more map.
/// </summary>
public sealed record LayeredDiscriminator(ILayer Body, Space Space, bool Flat) : IDiscriminator
{
    const string OfMap = "map";

    /// <summary>Makes numbers of conditions; null for a discriminator that takes none.</summary>
    public ConditionEncoder? Encoder { get; init; }

    /// <inheritdoc/>
    public Space? Condition => Encoder?.Space;

    /// <inheritdoc/>
    public bool MixesSamples => Body.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var state = ConditionedBody.Init(Body, Encoder, key, dtype);
        return Map is not { } map
            ? state
            : state with
            {
                Weights = ParameterTree.FromTensors([
                    .. state.Weights,
                    .. ParameterTree.Join([new(OfMap, map.Init(key.Derive(OfMap), dtype).Weights)]),
                ]),
            };
    }

    // What makes a map of an image's size of the condition's numbers.
    Linear? Map =>
        Encoder is { } encoder && !Flat && Space is Space.Image image
            ? new Linear(encoder.Size, image.Height * image.Width)
            : null;

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) =>
        ConditionedBody.Matrices(Body, Encoder, weights);

    /// <summary>The logits of a point, which the body ends in: [batch] where there is one, [batch, LogitCount] otherwise.</summary>
    public int LogitCount
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <inheritdoc/>
    public OutputParts Outputs => Body is Sequential { Layers.Length: > 1 } ? OutputParts.Features : OutputParts.Logits;

    /// <inheritdoc/>
    public DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    )
    {
        using var scope = new TensorScope(state, sample);
        Space.Validate(sample, "The discriminator");
        var input = Flat ? sample.ToMatrix() : sample.Single;
        var code = ConditionedBody.Encode(Encoder, state.Weights, condition, input.dtype);
        if (code is not null)
            input = cat([input, Flat ? code : MapOf(state, code, input)], 1);
        return Discriminate(ConditionedBody.Apply(Body, state, input, code, mode, key), sample, scope);
    }

    Tensor MapOf(LayerState state, Tensor code, Tensor images)
    {
        var map =
            Map
            ?? throw new ArgumentException(
                $"A discriminator that is not flat is conditioned beside images; this one judges {Space.Describe()}."
            );
        var made = map.Apply(state.Weights.Child(OfMap), ParameterTree.Empty, code, Mode.Train, default).Output;
        return made.view(images.size(0), 1, images.size(2), images.size(3));
    }

    /// <inheritdoc/>
    public DiscriminatorResult DiscriminateWithGradientNorms(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    )
    {
        if (
            !Flat
            || LogitCount != 1
            || Encoder is not null
            || Body is not Sequential body
            || !body.HasGradientNorms(sample.Components[0].Tensor)
        )
            return PointGradients.WithNorms(sample, points => Discriminate(state, points, condition, mode, key));
        using var scope = new TensorScope(state, sample);
        Space.Validate(sample, "The discriminator");
        var found = body.ApplyWithGradientNorms(state, sample.ToMatrix());
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
