namespace Gan.Experiments;

/// <summary>Comma-separated values, as RFC 4180 has them.</summary>
public static class Csv
{
    /// <summary>A cell: in quotes where it has a comma, a quote or a line's end.</summary>
    public static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
