using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>Checks of values at the boundary: each returns the value, or throws with its name, the value, and what was expected.</summary>
internal static class Require
{
    /// <summary>A finite number above zero.</summary>
    public static double Positive(double value, [CallerMemberName] string name = "") =>
        value > 0 && double.IsFinite(value) ? value : throw Wrong(name, value, "a number above 0");

    /// <summary>A whole number above zero.</summary>
    public static T Positive<T>(T value, [CallerMemberName] string name = "")
        where T : IBinaryInteger<T> => value > T.Zero ? value : throw Wrong(name, value, "a whole number above 0");

    /// <summary>A finite number that is not below zero.</summary>
    public static double NotNegative(double value, [CallerMemberName] string name = "") =>
        value >= 0 && double.IsFinite(value) ? value : throw Wrong(name, value, "a number of at least 0");

    /// <summary>A whole number that is not below zero.</summary>
    public static int NotNegative(int value, [CallerMemberName] string name = "") =>
        value >= 0 ? value : throw Wrong(name, value, "a whole number of at least 0");

    /// <summary>A number in [low, high].</summary>
    public static double InRange(double value, double low, double high, [CallerMemberName] string name = "") =>
        value >= low && value <= high ? value : throw Wrong(name, value, $"a number from {low} to {high}");

    /// <summary>A number in [low, high).</summary>
    public static double InHalfOpenRange(double value, double low, double high, [CallerMemberName] string name = "") =>
        value >= low && value < high ? value : throw Wrong(name, value, $"a number from {low} to below {high}");

    /// <summary>Throws when sizes differ; the message has both.</summary>
    public static void Shape(Tensor tensor, IReadOnlyList<int> sizes, string what)
    {
        var shape = tensor.shape;
        var fits = shape.Length == sizes.Count + 1;
        for (var i = 0; fits && i < sizes.Count; i++)
            fits = shape[i + 1] == sizes[i];
        if (!fits)
            throw new ArgumentException(
                $"{what} expects [batch, {string.Join(", ", sizes)}]; got [{string.Join(", ", shape)}]."
            );
    }

    /// <summary>Throws when a layer's input is on another device than its weights.</summary>
    internal static void SameDevice(Tensor input, Tensor weight, string layer)
    {
        if (input.device_type != weight.device_type || input.device_index != weight.device_index)
            throw new ArgumentException(
                $"{layer} has its weights on {weight.device}, its input is on {input.device}. Bring the batch to the game's device: batch.On(game.Device)."
            );
    }

    static ArgumentOutOfRangeException Wrong(string name, object value, string expected) =>
        new(name, $"{name} must be {expected}; got {value}.");
}
