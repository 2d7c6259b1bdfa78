namespace Gan.Core;

/// <summary>
/// Gradient normalisation: the logit D(x) / (|grad D(x)| + |D(x)|), of an inner critic, which is bounded by 1 and has a
/// Lipschitz constant of 1 for a piecewise linear critic. The norm is over all components of the point.
/// </summary>
/// <remarks>Wu et al., 2021. It takes a gradient of the critic in each call, and one of a higher order in each of its gradients.</remarks>
public sealed record GradientNormalizedCritic(ICritic Inner) : WrappedCritic(RequirePlain(Inner))
{
    /// <summary>The critic whose logit is normalised: of one logit, each point judged alone.</summary>
    public override ICritic Inner
    {
        get => base.Inner;
        init => base.Inner = RequirePlain(value);
    }

    /// <inheritdoc/>
    public override Judged Judge(LayerState state, Sample sample, Sample? condition, Mode mode, RandomKey key)
    {
        using var gradients = enable_grad();
        var judged = Inner.JudgeWithSlopes(state, sample, condition, mode, key);
        var logits = judged.Output.Logits;
        var norms = (judged.Slopes! + 1e-12).sqrt();
        return judged with { Slopes = null, Output = judged.Output with { Logits = logits / (norms + logits.abs()) } };
    }

    static ICritic RequirePlain(ICritic critic) =>
        critic.LogitCount == 1 && !critic.MixesSamples
            ? critic
            : throw new ArgumentException(
                "Gradient normalisation needs a critic of one logit that judges each point alone: no outputs, batch norm or minibatch layer."
            );
}
