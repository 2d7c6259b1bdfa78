namespace Gan.Experiments;

/// <summary>
/// Writes a generator so that PyTorch loads it: safetensors with the names of an nn.Sequential of the same layers
/// (<c>0.weight</c>, <c>1.running_mean</c>) and PyTorch's layouts, which are also ours. Spectral norms are folded into
/// the weights.
/// </summary>
public static class PyTorchExport
{
    /// <summary>Writes the generator's weights and buffers.</summary>
    public static void Write(string file, IGenerator generator, LayerState state)
    {
        if (generator is LayeredGenerator { Encoder: null, Body: var folded })
            state = folded.Folded(state);
        NamedTensor[] tensors =
        [
            .. state.Weights,
            .. state.Buffers,
            // PyTorch's batch norms count their batches; the number matters to none of their outputs.
            .. state
                .Buffers.Where(entry => entry.Path.EndsWith("running_mean", StringComparison.Ordinal))
                .Select(mean => new NamedTensor(mean.Path.Replace("running_mean", "num_batches_tracked"), tensor(0L))),
        ];
        var layers = generator is LayeredGenerator { Body: Sequential body }
            ? string.Join("; ", body.Layers.Select((layer, i) => $"{i}: {layer}"))
            : generator.ToString() ?? "";
        OutputFile.Write(
            file,
            stream =>
                Safetensors.Write(
                    stream,
                    tensors.Select(entry => KeyValuePair.Create(entry.Path.Replace('/', '.'), entry.Tensor)),
                    new Dictionary<string, string>
                    {
                        ["format"] = "pt",
                        ["layers"] = layers,
                        ["heads"] = string.Join("; ", generator.Space.Components.Select(c => $"{c}: {c.Range}")),
                    }
                )
        );
    }
}
