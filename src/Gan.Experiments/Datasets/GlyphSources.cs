namespace Gan.Experiments;

/// <summary>Data sets of glyphs: their pictures, and the factors they are made from.</summary>
internal static class GlyphSources
{
    /// <summary>Gray pictures of 28 x 28, and what they are conditioned on.</summary>
    public static DatasetSource Images(int count, long seed, ValueRange range, GlyphConditions given)
    {
        var space = new Space.Image(1, GlyphPainter.Side, GlyphPainter.Side, range);
        return new DatasetSource("glyphs", space, $"{count} glyphs of seed {seed}", Open)
        {
            Condition = given.SpaceOf(space),
        };

        IDataset Open()
        {
            var glyphs = Glyph.Draw(RandomKey.FromSeed(seed), count);
            return Pixels.Dataset(space, Paint(glyphs), given.Of(glyphs, space));
        }
    }

    /// <summary>[count, 1, Side, Side] bytes: the glyphs' pictures.</summary>
    public static Tensor Paint(IReadOnlyList<Glyph> glyphs)
    {
        var size = GlyphPainter.Side * GlyphPainter.Side;
        var pixels = new byte[glyphs.Count * size];
        for (var i = 0; i < glyphs.Count; i++)
            GlyphPainter.Paint(glyphs[i], pixels.AsSpan(i * size, size));
        return tensor(pixels, [glyphs.Count, 1, GlyphPainter.Side, GlyphPainter.Side]);
    }

    /// <summary>The ten factors of each glyph, of its shape, its spoken form and its caption.</summary>
    public static DatasetSource Factors(int count, long seed)
    {
        var space = new Space.Vector(10, ValueRange.Unit);
        return new DatasetSource("glyph_factors", space, $"factors of {count} glyphs of seed {seed}", Open);

        IDataset Open()
        {
            var values = Glyph.Draw(RandomKey.FromSeed(seed), count).SelectMany(glyph => glyph.Factors);
            return new StoredDataset(space, tensor([.. values], [count, 10]), 1, 0);
        }
    }
}

/// <summary>Pictures of bytes as data sets.</summary>
internal static class Pixels
{
    /// <summary>The classes of pictures of digits.</summary>
    public const int Digits = 10;

    /// <summary>A data set whose bytes 0 .. 255 fill the space's range, and what the points are conditioned on.</summary>
    public static StoredDataset Dataset(Space.Image space, Tensor bytes, Sample? condition)
    {
        var (scale, shift) = Range(space);
        return new StoredDataset(space, bytes, scale, shift) { Condition = condition };
    }

    /// <summary>What a byte is multiplied by, and what is added to it.</summary>
    public static (double Scale, double Shift) Range(Space.Image space) =>
        space.Range == ValueRange.Unit ? (1 / 255.0, 0) : (2 / 255.0, -1);

    /// <summary>The classes of points as their condition.</summary>
    public static Sample Labels(Tensor classes) => new(new NamedTensor(Space.Label.Name, classes));
}

/// <summary>What glyphs are conditioned on: any of their digit, their caption, and their skeleton, a picture of thin strokes.</summary>
internal sealed record GlyphConditions(bool Labels, bool Captions, bool Skeletons)
{
    const string Caption = "text";
    const string Skeleton = "skeleton";

    /// <summary>The space of the conditions; null for none.</summary>
    public Space? SpaceOf(Space.Image image)
    {
        Space.Factor[] factors =
        [
            .. Labels
                ? [new Space.Factor(Space.Label.Name, new Space.Label(Pixels.Digits))]
                : Array.Empty<Space.Factor>(),
            .. Captions
                ? [new Space.Factor(Caption, new Space.Text(Glyph.Vocabulary.Count, Glyph.CaptionLength))]
                : Array.Empty<Space.Factor>(),
            .. Skeletons ? [new Space.Factor(Skeleton, image)] : Array.Empty<Space.Factor>(),
        ];
        return factors.Length switch
        {
            0 => null,
            1 => factors[0].Space,
            _ => new Space.Product(factors),
        };
    }

    /// <summary>The conditions of glyphs; null for none.</summary>
    public Sample? Of(IReadOnlyList<Glyph> glyphs, Space.Image image)
    {
        if (SpaceOf(image) is not { } space)
            return null;
        var tensors = new List<Tensor>();
        if (Labels)
            tensors.Add(tensor([.. glyphs.Select(glyph => (long)glyph.Digit)]));
        if (Captions)
            tensors.Add(
                tensor([.. glyphs.SelectMany(glyph => glyph.CaptionTokens)], [glyphs.Count, Glyph.CaptionLength])
            );
        if (Skeletons)
        {
            var (scale, shift) = Pixels.Range(image);
            var thin = GlyphSources.Paint([.. glyphs.Select(glyph => glyph with { Thickness = 0 })]);
            tensors.Add(thin.to_type(ScalarType.Float32) * scale + shift);
        }
        return new Sample([.. space.Components.Zip(tensors, (component, own) => new NamedTensor(component.Name, own))]);
    }
}
