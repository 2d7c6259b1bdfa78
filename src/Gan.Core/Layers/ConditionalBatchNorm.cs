namespace Gan.Core;

/// <summary>
/// Batch normalization whose gain and shift are linear functions of a condition c of [batch, Condition]:
/// (1 + A c) (x - mean) / sqrt(variance + eps) + B c, with A and B of [Features, Condition] drawn small.
/// </summary>
/// <remarks>Dumoulin, Shlens and Kudlur, 2017; de Vries et al., 2017; in this form, Brock, Donahue and Simonyan, 2019.</remarks>
public sealed record ConditionalBatchNorm(int Features, int Condition) : IConditionalLayer
{
    const string Gain = "gain";
    const string Shift = "shift";

    BatchNorm Normalization => new(Features);

    /// <inheritdoc/>
    public bool MixesSamples => true;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        Normalization.Init(key, dtype) with
        {
            Weights = ParameterTree.FromTensors(
                new[] { Gain, Shift }.Select(name => new NamedTensor(
                    name,
                    key.Derive(name).Normal(dtype, Features, Condition) * 0.02
                ))
            ),
        };

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key) =>
        throw new ArgumentException($"ConditionalBatchNorm({Features}, {Condition}) needs a condition.");

    /// <inheritdoc/>
    public LayerOutput Apply(
        ParameterTree weights,
        ParameterTree buffers,
        Tensor input,
        Tensor condition,
        Mode mode,
        RandomKey key
    )
    {
        Require.Shape(condition, [Condition], "The condition of ConditionalBatchNorm");
        var plain = ParameterTree.FromTensors([
            new("weight", input.new_ones(Features)),
            new("bias", input.new_zeros(Features)),
        ]);
        var normalized = Normalization.Apply(plain, buffers, input, mode, key);
        return normalized with { Output = normalized.Output * (Map(Gain) + 1) + Map(Shift) };

        // [batch, Features, 1, …]
        Tensor Map(string name) =>
            condition.mm(weights[name].t()).view([-1, Features, .. Enumerable.Repeat(1L, (int)input.ndim - 2)]);
    }
}
