namespace Gan.Core;

/// <summary>
/// An adversarial loss: what each player minimizes, given what the discriminator says of real and of generated points. Logits
/// are high where the discriminator takes a point for real. Values are means over the batch: tensors without dimensions.
/// </summary>
public interface IAdversarialLoss
{
    /// <summary>True when the generator's loss reads the discriminator's output on real points.</summary>
    bool GeneratorReadsReal => false;

    /// <summary>True when the discriminator's loss reads the labels of real points, and the discriminator has a logit for each class and one more.</summary>
    bool ReadsLabels => false;

    /// <summary>True when a point with a higher logit looks more real to it, so that points can be ranked.</summary>
    bool RanksPoints => true;

    /// <summary>What it reads of a discriminator's output, beside logits.</summary>
    OutputParts Reads => OutputParts.Logits;

    /// <summary>The loss's own first state, which the discriminator's turn carries; empty for most.</summary>
    ParameterTree Init(ScalarType dtype) => ParameterTree.Empty;

    /// <summary>The discriminator's turn: what it minimizes, and the loss's next state.</summary>
    Term Discriminator(LossInput input);

    /// <summary>The generator's turn: what it minimizes. The loss's state stays as it is.</summary>
    Term Generator(LossInput input);
}

/// <summary>What a loss is a function of.</summary>
/// <param name="Real">What the discriminator says of real points.</param>
/// <param name="Fake">What it says of generated ones.</param>
public sealed record LossInput(DiscriminatorOutput Real, DiscriminatorOutput Fake)
{
    /// <summary>[batch] int64: the classes of the real points, from 0; null where the data has none.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>The loss's own state.</summary>
    public ParameterTree State { get; init; } = ParameterTree.Empty;

    /// <summary>The number of steps made before.</summary>
    public long Step { get; init; }

    /// <summary>The loss's randomness.</summary>
    public RandomKey Key { get; init; }
}
