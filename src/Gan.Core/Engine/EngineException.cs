using System.Diagnostics;

namespace Gan.Core;

/// <summary>libtorch cannot be loaded, or refused an operation; the message says which, and why.</summary>
public sealed class EngineException : Exception
{
    /// <summary>An exception with a message.</summary>
    public EngineException(string message)
        : base(message) { }

    /// <summary>An exception with a message, and what caused it.</summary>
    public EngineException(string message, Exception cause)
        : base(message, cause) { }

    /// <summary>
    /// What libtorch refused, told without its C++ stack: the operation and libtorch's reason, as in <c>mm: mat1 and mat2
    /// shapes cannot be multiplied (64x784 and 100x1)</c>.
    /// </summary>
    public static string Describe(ExternalException failure)
    {
        var reason = failure.Message.Split("\nException raised from")[0].Trim();
        // The innermost method of TorchSharp's that is not its check for errors.
        var operation = new StackTrace(failure)
            .GetFrames()
            .Select(frame => frame.GetMethod())
            .FirstOrDefault(method =>
                method?.DeclaringType?.Assembly == typeof(torch).Assembly && method.Name != nameof(CheckForErrors)
            );
        return operation is null ? reason : $"{operation.Name}: {reason}";
    }
}
