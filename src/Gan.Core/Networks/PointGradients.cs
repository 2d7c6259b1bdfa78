namespace Gan.Core;

/// <summary>The gradient of a discriminator's logits at points.</summary>
internal static class PointGradients
{
    /// <summary>
    /// What a discriminator says of points, with its slopes there, by differentiating its logits: of the mean logit where it has
    /// several, of each pack where it packs points.
    /// </summary>
    public static DiscriminatorResult WithNorms(Sample points, Func<Sample, DiscriminatorResult> judge)
    {
        using var asked = Gradient.Ask(DerivativeOrder.Higher);
        var inputs = Gradient.Inputs([.. points.Components.Select(component => component.Tensor)]);
        var components = points.Components.Zip(inputs.Values, (component, value) => component with { Tensor = value });
        var judged = judge(new Sample([.. components]));
        var logits = judged.Output.Logits;
        var ofPoints = logits.ndim == 1 ? logits : logits.mean([1]);
        var gradients = Gradient.Of(ofPoints.sum(), inputs.Leaves, createGraph: true);
        var slopes = gradients
            .Select(gradient => gradient.reshape(logits.size(0), -1).square().sum([1]))
            .Aggregate((a, b) => a + b);
        return judged with { SquaredGradientNorms = slopes };
    }
}
