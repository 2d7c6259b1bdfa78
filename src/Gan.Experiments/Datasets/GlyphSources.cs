namespace Gan.Experiments;

/// <summary>Data sets of glyphs: their pictures, and the factors they are made from.</summary>
internal static class GlyphSources
{
    /// <summary>Gray pictures of 28 x 28.</summary>
    public static DatasetSource Images(int count, long seed, ValueRange range, bool labeled)
    {
        var space = new Space.Image(1, GlyphPainter.Side, GlyphPainter.Side, range);
        return new DatasetSource("glyphs", space, $"{count} glyphs of seed {seed}", Open)
        {
            Condition = labeled ? new Space.Label(Pixels.Digits) : null,
        };

        IDataset Open()
        {
            var size = GlyphPainter.Side * GlyphPainter.Side;
            var pixels = new byte[count * size];
            var glyphs = Glyph.Draw(RandomKey.FromSeed(seed), count);
            for (var i = 0; i < count; i++)
                GlyphPainter.Paint(glyphs[i], pixels.AsSpan(i * size, size));
            var images = tensor(pixels, [count, 1, GlyphPainter.Side, GlyphPainter.Side]);
            var digits = labeled ? tensor([.. glyphs.Select(glyph => (long)glyph.Digit)]) : null;
            return Pixels.Dataset(space, images, digits);
        }
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

    /// <summary>A data set whose bytes 0 .. 255 fill the space's range, with the points' classes where they are known.</summary>
    public static StoredDataset Dataset(Space.Image space, Tensor bytes, Tensor? labels) =>
        space.Range == ValueRange.Unit
            ? new StoredDataset(space, bytes, 1 / 255.0, 0) { Labels = labels }
            : new StoredDataset(space, bytes, 2 / 255.0, -1) { Labels = labels };
}
