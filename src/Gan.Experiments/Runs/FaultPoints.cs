using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// Places where a test may have the process killed. GAN_FAULT=checkpoint:2 kills it in the middle of the second
/// checkpoint's write; unset, nothing happens.
/// </summary>
internal static class FaultPoints
{
    static readonly string? Fault = Environment.GetEnvironmentVariable("GAN_FAULT");
    static readonly Dictionary<string, int> Passed = [];

    /// <summary>True when this passage of the point is the one to die at.</summary>
    public static bool Reached(string point)
    {
        if (Fault is null)
            return false;
        lock (Passed)
        {
            Passed[point] = Passed.GetValueOrDefault(point) + 1;
            return Fault == $"{point}:{Passed[point]}";
        }
    }

    /// <summary>Ends the process as kill -9 does.</summary>
    public static void Die()
    {
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
