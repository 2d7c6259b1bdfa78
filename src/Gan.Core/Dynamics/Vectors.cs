namespace Gan.Core;

/// <summary>Lengths and angles of vectors [n], as numbers.</summary>
internal static class Vectors
{
    /// <summary>a . b</summary>
    public static double Dot(Tensor a, Tensor b) => (a * b).sum().to_type(ScalarType.Float64).item<double>();

    /// <summary>|a|</summary>
    public static double Norm(Tensor vector) => Math.Sqrt(Dot(vector, vector));

    /// <summary>The cosine of the angle between two vectors; 0 where one has no length.</summary>
    public static double Cosine(Tensor a, Tensor b)
    {
        var lengths = Norm(a) * Norm(b);
        return lengths == 0 ? 0 : Dot(a, b) / lengths;
    }
}
