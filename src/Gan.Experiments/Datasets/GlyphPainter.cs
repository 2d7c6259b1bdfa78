namespace Gan.Experiments;

/// <summary>Paints digits from strokes: each pixel's gray follows from its distance to the nearest stroke.</summary>
internal static class GlyphPainter
{
    /// <summary>The pictures' height and width.</summary>
    public const int Side = 28;

    const double MaximumShift = 2.5;
    const double MaximumShear = 0.35;
    const int ArcPieces = 20;

    readonly record struct Point(double X, double Y);

    static readonly Point[][][] Digits =
    [
        [Arc(0.5, 0.5, 0.31, 0.46, 0, 360)],
        [Line(0.3, 0.22, 0.55, 0.05, 0.55, 0.95)],
        [
            [.. Arc(0.5, 0.31, 0.29, 0.26, 180, 380), .. Line(0.2, 0.95, 0.82, 0.95)],
        ],
        [Arc(0.46, 0.28, 0.28, 0.23, 205, 450), Arc(0.46, 0.73, 0.32, 0.23, 270, 515)],
        [Line(0.66, 0.95, 0.66, 0.05, 0.17, 0.66, 0.86, 0.66)],
        [
            [.. Line(0.78, 0.06, 0.29, 0.06, 0.26, 0.47), .. Arc(0.48, 0.67, 0.31, 0.27, 225, 500)],
        ],
        [Arc(0.5, 0.69, 0.28, 0.26, 0, 360), [.. Arc(0.7, 0.69, 0.48, 0.64, 180, 275)]],
        [Line(0.18, 0.06, 0.82, 0.06, 0.42, 0.95)],
        [Arc(0.5, 0.27, 0.24, 0.22, 0, 360), Arc(0.5, 0.72, 0.29, 0.23, 0, 360)],
        [Arc(0.5, 0.31, 0.27, 0.25, 0, 360), Arc(0.31, 0.31, 0.46, 0.64, 0, 85)],
    ];

    /// <summary>Side x Side bytes, 0 where there is no ink.</summary>
    public static void Paint(Glyph glyph, Span<byte> pixels)
    {
        var height = 14 + 7 * glyph.Size;
        var width = height * 0.78;
        var radius = 0.7 + 0.9 * glyph.Thickness;
        var shear = MaximumShear * (2 * glyph.Slant - 1);
        var centerX = (Side - 1) / 2.0 + MaximumShift * (2 * glyph.ShiftX - 1);
        var centerY = (Side - 1) / 2.0 + MaximumShift * (2 * glyph.ShiftY - 1);
        Span<double> distance = stackalloc double[Side * Side];
        distance.Fill(double.MaxValue);
        foreach (var stroke in Digits[glyph.Digit])
            for (var i = 0; i + 1 < stroke.Length; i++)
                Approach(distance, Place(stroke[i]), Place(stroke[i + 1]), radius + 1);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Round(255 * Math.Clamp(radius + 0.5 - Math.Sqrt(distance[i]), 0, 1));

        Point Place(Point p)
        {
            var y = (p.Y - 0.5) * height;
            return new Point(centerX + (p.X - 0.5) * width - shear * y, centerY + y);
        }
    }

    // Lowers the squared distances of the pixels near a segment.
    static void Approach(Span<double> distance, Point a, Point b, double reach)
    {
        var (dx, dy) = (b.X - a.X, b.Y - a.Y);
        var length = dx * dx + dy * dy;
        var top = Math.Max(0, (int)Math.Floor(Math.Min(a.Y, b.Y) - reach));
        var bottom = Math.Min(Side - 1, (int)Math.Ceiling(Math.Max(a.Y, b.Y) + reach));
        var left = Math.Max(0, (int)Math.Floor(Math.Min(a.X, b.X) - reach));
        var right = Math.Min(Side - 1, (int)Math.Ceiling(Math.Max(a.X, b.X) + reach));
        for (var y = top; y <= bottom; y++)
        for (var x = left; x <= right; x++)
        {
            var t = length > 0 ? Math.Clamp(((x - a.X) * dx + (y - a.Y) * dy) / length, 0, 1) : 0;
            var (ex, ey) = (x - a.X - t * dx, y - a.Y - t * dy);
            ref var nearest = ref distance[y * Side + x];
            nearest = Math.Min(nearest, ex * ex + ey * ey);
        }
    }

    static Point[] Line(params double[] coordinates) =>
        [.. coordinates.Chunk(2).Select(pair => new Point(pair[0], pair[1]))];

    // Angles in degrees, clockwise from the right, since y points down.
    static Point[] Arc(double x, double y, double radiusX, double radiusY, double from, double until) =>
        [
            .. Enumerable
                .Range(0, ArcPieces + 1)
                .Select(i => (from + (until - from) * i / ArcPieces) * Math.PI / 180)
                .Select(angle => new Point(x + radiusX * Math.Cos(angle), y + radiusY * Math.Sin(angle))),
        ];
}
