namespace Gan.Core;

/// <summary>
/// DiffAugment, for images: color (brightness by uniform [-0.5, 0.5), saturation by [0, 2), contrast by [0.5, 1.5)),
/// translation by up to an eighth of each side, rounded to pixels, and a cut-out square of half of each side, both filled
/// with <see cref="Background"/>.
/// </summary>
/// <remarks>Zhao et al., 2020, whose policies are the three of them, or two.</remarks>
public sealed record DiffAugment : IAugmentation
{
    const double LargestShift = 0.125;
    const double CutoutFraction = 0.5;

    /// <summary>Whether colors change.</summary>
    public bool Color { get; init; } = true;

    /// <summary>Whether pictures are moved.</summary>
    public bool Translation { get; init; } = true;

    /// <summary>Whether a square is cut out.</summary>
    public bool Cutout { get; init; } = true;

    /// <summary>What stands where the picture has nothing: 0 in the authors' code, -1 for black in [-1, 1].</summary>
    public double Background { get; init; }

    /// <inheritdoc/>
    public void Validate(Space space) => Pictures.Validate(space, "DiffAugment");

    /// <inheritdoc/>
    public Sample Apply(Sample points, AugmentationContext context) =>
        points.Map(picture => Change(picture, context.Key));

    Tensor Change(Tensor picture, RandomKey key)
    {
        if (Color)
        {
            picture = picture + Pictures.Uniform(picture, key.Derive("brightness"), -0.5, 0.5);
            picture = Pictures.Saturate(picture, Pictures.Uniform(picture, key.Derive("saturation"), 0, 2));
            picture = Pictures.Contrast(picture, Pictures.Uniform(picture, key.Derive("contrast"), 0.5, 1.5));
        }
        if (Translation)
            picture = Pictures.Resample(
                picture,
                Moved(picture, 2, key.Derive("vertical")),
                Moved(picture, 3, key.Derive("horizontal")),
                Background
            );
        if (!Cutout)
            return picture;
        var mask = Pictures.Cutout(picture, CutoutFraction, key.Derive("cutout"));
        return (picture - Background) * mask + Background;
    }

    static Pictures.Axis Moved(Tensor picture, int dimension, RandomKey key)
    {
        var most = LargestShift * picture.size(dimension);
        var shift = Pictures.Uniform(picture, key, -most, most).round();
        return new(ones_like(shift), shift);
    }
}
