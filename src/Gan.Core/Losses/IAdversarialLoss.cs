namespace Gan.Core;

/// <summary>
/// An adversarial loss: what each player minimises, given what the critic says of real and of generated points. Logits
/// are high where the critic takes a point for real. Values are means over the batch: tensors without dimensions.
/// </summary>
public interface IAdversarialLoss
{
    /// <summary>True when the generator's loss reads the critic's output on real points.</summary>
    bool GeneratorReadsReal => false;

    /// <summary>True when the critic's loss reads the labels of real points, and the critic has a logit for each class and one more.</summary>
    bool ReadsLabels => false;

    /// <summary>True when a point with a higher logit looks more real to it, so that points can be ranked.</summary>
    bool RanksPoints => true;

    /// <summary>What it reads of a critic's output, beside logits.</summary>
    CriticOutputs Reads => CriticOutputs.Logits;

    /// <summary>The loss's own first state, which the critic's turn carries; empty for most.</summary>
    ParameterTree Init(ScalarType dtype) => ParameterTree.Empty;

    /// <summary>The loss that the critic minimises.</summary>
    Tensor Critic(LossInput input);

    /// <summary>The loss that the generator minimises.</summary>
    Tensor Generator(LossInput input);

    /// <summary>The loss's state after a turn of the critic.</summary>
    ParameterTree Advance(LossInput input) => input.State;
}

/// <summary>What a loss is a function of.</summary>
/// <param name="Real">What the critic says of real points.</param>
/// <param name="Fake">What it says of generated ones.</param>
public sealed record LossInput(CriticOutput Real, CriticOutput Fake)
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
