namespace Gan.Core;

/// <summary>
/// Makes [batch, Size] numbers of conditions: a label's row of a learned table, the mean of such rows over a text's tokens
/// (0, the end, left out), and all else flattened; the parts of a product side by side.
/// </summary>
/// <param name="Space">The space of the conditions.</param>
/// <param name="Embedding">The columns of the tables.</param>
public sealed record ConditionEncoder(Space Space, int Embedding)
{
    /// <summary>The columns of the tables.</summary>
    public int Embedding { get; init; } = Require.Positive(Embedding, nameof(Embedding));

    /// <summary>The numbers that it makes of a condition.</summary>
    public int Size => Parts.Sum(part => part.Rows > 0 ? Embedding : part.Component.Size);

    IEnumerable<(Component Component, int Rows)> Parts =>
        (Space is Space.Product product ? product.Factors.Select(factor => factor.Space) : [Space])
            .Zip(Space.Components)
            .Select(pair =>
                (
                    pair.Second,
                    pair.First switch
                    {
                        Space.Label label => label.Classes,
                        Space.Text text => text.Vocabulary,
                        _ => 0,
                    }
                )
            );

    /// <summary>The tables, drawn standard normal; none for conditions that are numbers already.</summary>
    public ParameterTree Init(RandomKey key, ScalarType dtype) =>
        ParameterTree.FromTensors(
            Parts
                .Where(part => part.Rows > 0)
                .Select(part => new NamedTensor(
                    part.Component.Name,
                    key.Derive(part.Component.Name).Normal(dtype, part.Rows, Embedding)
                ))
        );

    /// <summary>[batch, Size]: the numbers of conditions.</summary>
    public Tensor Encode(ParameterTree weights, Sample condition, ScalarType dtype)
    {
        Space.Validate(condition, "The condition");
        Tensor[] codes = [.. Parts.Select(part => Encode(weights, condition[part.Component.Name], part, dtype))];
        return codes.Length == 1 ? codes[0] : cat(codes, 1);
    }

    // By a product with ones and zeros, which is differentiable to any order and the same on any number of threads.
    static Tensor Encode(ParameterTree weights, Tensor values, (Component Component, int Rows) part, ScalarType dtype)
    {
        if (part.Rows == 0)
            return values.flatten(1).to_type(dtype);
        var rows = arange(part.Rows, ScalarType.Int64, values.device);
        var chosen = values.unsqueeze(-1).eq(rows).to_type(dtype);
        if (chosen.ndim == 3)
        {
            var tokens = values.ne(0).to_type(dtype).unsqueeze(2);
            chosen = (chosen * tokens).sum([1]) / tokens.sum([1]).clamp(min: 1);
        }
        return chosen.mm(weights[part.Component.Name]);
    }
}
