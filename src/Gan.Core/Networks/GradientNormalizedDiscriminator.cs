namespace Gan.Core;

/// <summary>
/// Gradient normalization: the logit D(x) / (|grad D(x)| + |D(x)|), of an inner discriminator, which is bounded by 1 and has a
/// Lipschitz constant of 1 for a piecewise linear discriminator. The norm is over all components of the point.
/// </summary>
/// <remarks>Wu et al., 2021. It takes a gradient of the discriminator in each call, and one of a higher order in each of its gradients.</remarks>
public sealed record GradientNormalizedDiscriminator(IDiscriminator Inner) : WrappedDiscriminator(RequirePlain(Inner))
{
    /// <summary>The discriminator whose logit is normalized: of one logit, each point judged alone.</summary>
    public override IDiscriminator Inner
    {
        get => base.Inner;
        init => base.Inner = RequirePlain(value);
    }

    /// <inheritdoc/>
    public override DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    )
    {
        using var gradients = enable_grad();
        var judged = Inner.DiscriminateWithGradientNorms(state, sample, condition, mode, key);
        var logits = judged.Output.Logits;
        var norms = (judged.SquaredGradientNorms! + 1e-12).sqrt();
        return judged with
        {
            SquaredGradientNorms = null,
            Output = judged.Output with { Logits = logits / (norms + logits.abs()) },
        };
    }

    static IDiscriminator RequirePlain(IDiscriminator discriminator) =>
        discriminator.LogitCount == 1 && !discriminator.MixesSamples
            ? discriminator
            : throw new ArgumentException(
                "Gradient normalization needs a discriminator of one logit that judges each point alone: no outputs, batch norm or minibatch layer."
            );
}
