namespace Gan.Core;

/// <summary>
/// Adaptive discriminator augmentation, for images: each change is made of a point with probability p: a mirror image at
/// even odds, a shift by up to an eighth of each side, a scale of 2^(0.2 e), another of the width alone, brightness by 0.2 e, contrast by
/// 2^(0.5 e), saturation by 2^e, with e standard normal. p, its state, begins at 0 and follows the discriminator: each turn it
/// moves by StepSize toward more where E sign(D(x)) is above Target, and toward less where it is below.
/// </summary>
/// <remarks>
/// Karras et al., 2020: the changes of places and colors that are products with one matrix an axis, without rotations.
/// There p moves by batch / 500,000 a step. The sign asks for a loss whose logits are zero where the discriminator cannot tell.
/// </remarks>
public sealed record AdaptiveAugmentation : IAugmentation
{
    const string Probability = "probability";
    const double LargestShift = 0.125;

    /// <summary>The mean sign of the logits on real points that p is steered to.</summary>
    public double Target
    {
        get;
        init => field = Require.InRange(value, -1, 1);
    } = 0.6;

    /// <summary>How far p moves in a turn.</summary>
    public double StepSize
    {
        get;
        init => field = Require.NotNegative(value);
    } = 1e-4;

    /// <summary>What stands where the picture has nothing.</summary>
    public double Background { get; init; }

    /// <inheritdoc/>
    public void Validate(Space space) => Pictures.Validate(space, "Adaptive augmentation");

    /// <inheritdoc/>
    public ParameterTree Init(ScalarType dtype) => ParameterTree.FromTensors([new(Probability, zeros([], dtype))]);

    /// <inheritdoc/>
    public Sample Apply(Sample points, AugmentationContext context) =>
        points.Map(picture => Change(picture, context.State[Probability], context.Key));

    /// <inheritdoc/>
    public ParameterTree Adapt(DiscriminatorOutput real, AugmentationContext context)
    {
        var direction = (real.Logits.detach().sign().mean() - Target).sign();
        return context.State.Map(probability => (probability + direction * StepSize).clamp(0, 1));
    }

    Tensor Change(Tensor picture, Tensor probability, RandomKey key)
    {
        var scale = Power("scale", 0.2);
        var width = Power("width", 0.2);
        var coin = Pictures.Uniform(picture, key.Derive("mirror"), 0, 1).ge(0.5).to_type(picture.dtype);
        var mirror = 1 - Chosen("mirror") * coin * 2;
        picture = Pictures.Resample(
            picture,
            new(scale, Shift("vertical", 2)),
            new(scale * width * mirror, Shift("horizontal", 3)),
            Background
        );
        picture = picture + Pictures.Normal(picture, key.Derive("brightness")) * 0.2 * Chosen("bright");
        picture = Pictures.Contrast(picture, Power("contrast", 0.5));
        return picture.size(1) == 1 ? picture : Pictures.Saturate(picture, Power("saturation", 1));

        // [batch, 1, 1, 1]: ones with the probability, zeros otherwise.
        Tensor Chosen(string name) =>
            (probability - Pictures.Uniform(picture, key.Derive(name).Derive("chosen"), 0, 1))
                .gt(0)
                .to_type(picture.dtype);

        Tensor Power(string name, double deviation) =>
            (Pictures.Normal(picture, key.Derive(name)) * Chosen(name) * (deviation * Math.Log(2))).exp();

        Tensor Shift(string name, int dimension)
        {
            var most = LargestShift * picture.size(dimension);
            return (Pictures.Uniform(picture, key.Derive(name), -most, most) * Chosen(name)).round();
        }
    }
}
