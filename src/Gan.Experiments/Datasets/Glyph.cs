namespace Gan.Experiments;

/// <summary>
/// What a glyph is made from. Shape: slant, thickness, size and shift. Its spoken form: pitch falls with size, rate
/// rises with slant, loudness rises with thickness, each with some freedom of its own. All but the digit are in [0, 1].
/// </summary>
public sealed record Glyph(
    int Digit,
    double Slant,
    double Thickness,
    double Size,
    double ShiftX,
    double ShiftY,
    double Pitch,
    double Rate,
    double Loudness
)
{
    const int Numbers = 8;

    /// <summary>
    /// Ten numbers in [0, 1]: four of the shape (slant, thickness, size, horizontal shift), three of the spoken form
    /// (pitch, rate, loudness), and three of the caption (how large, how bold and how slanted its words say it is: 0,
    /// 1/2 or 1).
    /// </summary>
    public double[] Factors =>
        [Slant, Thickness, Size, ShiftX, Pitch, Rate, Loudness, Word(Size), Word(Thickness), Word(Slant)];

    static readonly string[] names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    static readonly string[] sizes = ["small", "middling", "large"];
    static readonly string[] weights = ["thin", "plain", "bold"];
    static readonly string[] slants = ["leaning left", "upright", "leaning right"];

    /// <summary>The words of captions: a token is a word's place here. The first is none, the end of a caption.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } =
    [
        "",
        .. new[] { "a" }
            .Concat(sizes)
            .Concat(weights)
            .Concat(names)
            .Concat(slants.SelectMany(slant => slant.Split(' ')))
            .Distinct(),
    ];

    /// <summary>The tokens of the longest caption.</summary>
    public const int CaptionLength = 6;

    /// <summary>The glyph in words.</summary>
    public string Caption =>
        $"a {sizes[Third(Size)]} {weights[Third(Thickness)]} {names[Digit]} {slants[Third(Slant)]}";

    /// <summary>The caption's words as tokens, and zeros behind them.</summary>
    internal IEnumerable<long> CaptionTokens
    {
        get
        {
            long[] tokens = [.. Caption.Split(' ').Select(word => (long)Array.IndexOf([.. Vocabulary], word))];
            return tokens.Concat(Enumerable.Repeat(0L, CaptionLength - tokens.Length));
        }
    }

    /// <summary>Glyphs from a key, digits in turn.</summary>
    public static Glyph[] Draw(RandomKey key, int count)
    {
        using var scope = NewDisposeScope();
        var u = TensorData.ToArray<double>(key.Derive("glyphs").Uniform(ScalarType.Float64, count, Numbers));
        var glyphs = new Glyph[count];
        for (var i = 0; i < count; i++)
        {
            var n = u.AsSpan(i * Numbers, Numbers);
            var (slant, thickness, size) = (n[0], n[1], n[2]);
            glyphs[i] = new Glyph(
                i % 10,
                slant,
                thickness,
                size,
                n[3],
                n[4],
                Near(1 - size, n[5]),
                Near(slant, n[6]),
                Near(thickness, n[7])
            );
        }
        return glyphs;
    }

    static double Near(double center, double freedom) => Math.Clamp(0.75 * center + 0.25 * freedom, 0, 1);

    static int Third(double value) => Math.Min(2, (int)(value * 3));

    static double Word(double value) => Third(value) / 2.0;
}
