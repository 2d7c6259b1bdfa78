namespace Gan.Core;

/// <summary>
/// A discriminator that reconstructs points: its residuals are x - Dec(Enc(x)), its features the code Enc(x), and its logit is
/// -mean (x - Dec(Enc(x)))^2, high where the point is known. Points are flattened, components side by side.
/// </summary>
/// <remarks>Zhao, Mathieu and LeCun, 2017.</remarks>
public sealed record AutoencodingDiscriminator(ILayer Encoder, ILayer Decoder, Space Space) : IDiscriminator
{
    const string Encoding = "encoder";
    const string Decoding = "decoder";

    /// <inheritdoc/>
    public bool MixesSamples => Encoder.MixesSamples || Decoder.MixesSamples;

    /// <inheritdoc/>
    public OutputParts Outputs => OutputParts.Features | OutputParts.Reconstruction;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        LayerState.Join(
            (Encoding, Encoder.Init(key.Derive(Encoding), dtype)),
            (Decoding, Decoder.Init(key.Derive(Decoding), dtype))
        );

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) =>
        [
            .. Encoder.Matrices(weights.Child(Encoding)).Under(Encoding),
            .. Decoder.Matrices(weights.Child(Decoding)).Under(Decoding),
        ];

    /// <inheritdoc/>
    public DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    )
    {
        Space.Validate(sample, "The discriminator");
        var points = sample.ToMatrix();
        var code = Apply(Encoder, Encoding, points);
        var made = Apply(Decoder, Decoding, code.Output);
        var residuals = points - made.Output;
        return new DiscriminatorResult(
            new DiscriminatorOutput(residuals.square().mean([1]).neg())
            {
                Features = code.Output,
                Residuals = residuals,
            },
            state.Buffers.Count == 0
                ? state.Buffers
                : state.Buffers.With([.. code.Buffers.ToArray(), .. made.Buffers.ToArray()])
        );

        LayerOutput Apply(ILayer layer, string name, Tensor input) =>
            layer.Apply(state.Weights.Child(name), state.Buffers.Child(name), input, mode, key.Derive(name));
    }
}
