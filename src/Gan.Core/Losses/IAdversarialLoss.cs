namespace Gan.Core;

/// <summary>
/// An adversarial loss: what each player minimises, given what the critic says of real and of generated points. Logits
/// are high where the critic takes a point for real. Values are means over the batch: tensors without dimensions.
/// </summary>
public interface IAdversarialLoss
{
    /// <summary>True when the generator's loss reads the critic's output on real points.</summary>
    bool GeneratorReadsReal => false;

    /// <summary>The loss that the critic minimises.</summary>
    Tensor Critic(CriticOutput real, CriticOutput fake);

    /// <summary>The loss that the generator minimises.</summary>
    Tensor Generator(CriticOutput real, CriticOutput fake);
}
