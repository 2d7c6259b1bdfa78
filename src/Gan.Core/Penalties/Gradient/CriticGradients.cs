namespace Gan.Core;

/// <summary>The critic's gradient at points, which gradient penalties are made of.</summary>
internal static class CriticGradients
{
    /// <summary>
    /// [batch]: the squared norm of the gradient of the logit at each point, over all components; differentiable with
    /// respect to the critic's weights. It has no square root, so its own gradient is finite where it is zero.
    /// </summary>
    public static Tensor SquaredNorms(ICriticFunction critic, Sample points)
    {
        var inputs = points.Map(tensor => tensor.requires_grad ? tensor : tensor.detach().requires_grad_());
        var tensors = inputs.Components.Select(component => component.Tensor).ToArray();
        var logits = critic.Judge(inputs).Logits;
        var gradients = EngineDifferences.Gradients(logits.sum(), tensors, createGraph: true);
        return gradients.Select(gradient => gradient.flatten(1).square().sum([1])).Aggregate((a, b) => a + b);
    }
}
