namespace Gan.Experiments;

/// <summary>A spec that cannot be used; the message starts with file and line.</summary>
public sealed class SpecException(string file, long line, string message)
    : Exception(line > 0 ? $"{file}:{line}: {message}" : $"{file}: {message}")
{
    /// <summary>Why parts that each make sense make none together; null for any other mistake.</summary>
    public RefusalReason? Reason { get; init; }
}

/// <summary>What a user should change: a missing folder, a broken file, a run that is not there. The message says it in one sentence.</summary>
public sealed class UserException(string message) : Exception(message);
