namespace Gan.Core;

/// <summary>
/// Arithmetic of a tensor and a number as methods, for languages that do not convert a number beside an operator: F#
/// writes <c>x.Times 2.0</c> where C# writes <c>x * 2</c>.
/// </summary>
public static class TensorNumbers
{
    /// <summary>x number.</summary>
    public static Tensor Times(this Tensor x, double number) => x * number;

    /// <summary>x / number.</summary>
    public static Tensor Over(this Tensor x, double number) => x / number;

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor x, double number) => x + number;

    /// <summary>x - number.</summary>
    public static Tensor Minus(this Tensor x, double number) => x - number;
}
