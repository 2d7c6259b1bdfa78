namespace Gan.Experiments;

/// <summary>Finds the valid name that a wrong one most likely meant.</summary>
public static class NearestName
{
    /// <summary>A sentence for an error: the nearest name where one is near, and all of them where they are few.</summary>
    public static string Hint(string wrong, IReadOnlyCollection<string> valid)
    {
        if (RenamedKeys.NewNameOf(wrong, valid) is { } renamed)
            return $"it is now called '{renamed}'.";
        var nearest = valid.OrderBy(name => Distance(wrong, name)).FirstOrDefault();
        var hint =
            nearest is not null && Distance(wrong, nearest) <= Math.Max(2, wrong.Length / 3)
                ? $"did you mean '{nearest}'? "
                : "";
        return $"{hint}Valid: {string.Join(", ", valid.Order(StringComparer.Ordinal))}.";
    }

    /// <summary>The number of letters to insert, delete, replace or swap with their neighbor to make one word of the other.</summary>
    public static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        for (var j = 1; j <= b.Length; j++)
        {
            var replace = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            rows[i, j] = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
        }
        return rows[a.Length, b.Length];
    }
}
