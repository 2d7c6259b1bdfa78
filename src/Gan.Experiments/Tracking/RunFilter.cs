using System.Text.RegularExpressions;

namespace Gan.Experiments;

/// <summary>What of a run a condition or an order looks at.</summary>
public enum RunEntity
{
    /// <summary>A parameter.</summary>
    Param,

    /// <summary>The latest value of a metric.</summary>
    Metric,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>status, run_name, run_id or start_time.</summary>
    Attribute,
}

/// <summary>A value of a run, by what it is and its key.</summary>
public sealed partial record RunKey(RunEntity Entity, string Key)
{
    static readonly string[] Attributes = ["status", "run_name", "run_id", "start_time"];

    /// <summary>Reads <c>metrics.KEY</c>, <c>params.KEY</c>, <c>tags.KEY</c> or an attribute; odd keys stand in backticks.</summary>
    /// <exception cref="UserException">It is none of these.</exception>
    public static RunKey Parse(string text)
    {
        var match = Named().Match(text);
        if (!match.Success)
            return Attributes.Contains(text)
                ? new RunKey(RunEntity.Attribute, text)
                : throw new UserException(
                    $"'{text}' is no value of a run; write metrics.KEY, params.KEY, tags.KEY, or one of {string.Join(", ", Attributes)}."
                );
        var key = match.Groups["key"].Value.Trim('`', '"');
        return match.Groups["entity"].Value switch
        {
            "metrics" or "metric" => new RunKey(RunEntity.Metric, key),
            "params" or "param" or "parameters" => new RunKey(RunEntity.Param, key),
            "tags" or "tag" => new RunKey(RunEntity.Tag, key),
            _ => Parse(key),
        };
    }

    [GeneratedRegex(
        @"^(?<entity>metrics?|params?|parameters|tags?|attributes?)\.(?<key>`[^`]+`|""[^""]+""|[^\s`""]+)$"
    )]
    private static partial Regex Named();
}

/// <summary>By which value runs are ordered.</summary>
public sealed record RunOrder(RunKey Key, bool Descending)
{
    /// <summary>Reads <c>metrics.KEY</c>, <c>metrics.KEY DESC</c>.</summary>
    public static RunOrder Parse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            [var key] => new RunOrder(RunKey.Parse(key), false),
            [var key, var way] when way.ToUpperInvariant() == "ASC" => new RunOrder(RunKey.Parse(key), false),
            [var key, var way] when way.ToUpperInvariant() == "DESC" => new RunOrder(RunKey.Parse(key), true),
            _ => throw new UserException($"'{text}' is no order; write metrics.KEY or metrics.KEY DESC."),
        };
}

/// <summary>One condition on a run.</summary>
/// <param name="Key">The value.</param>
/// <param name="Comparison">=, !=, &lt;, &lt;=, &gt;, &gt;=, LIKE or ILIKE.</param>
/// <param name="Text">What it is compared with, as a text.</param>
/// <param name="Number">The same as a number, where it is one: the comparison is then of numbers.</param>
public sealed record RunCondition(RunKey Key, string Comparison, string Text, double? Number);

/// <summary>
/// Conditions that a run meets together, in MLflow's words:
/// <c>metrics.evaluation/modes &gt;= 7 and params.loss.kind = 'hinge'</c>. Beyond MLflow, a parameter is compared as a
/// number where the other side is one without quotes.
/// </summary>
public sealed partial record RunFilter(IReadOnlyList<RunCondition> Conditions)
{
    /// <summary>No condition.</summary>
    public static RunFilter None { get; } = new([]);

    /// <summary>Reads conditions joined by <c>and</c>.</summary>
    /// <exception cref="UserException">The text is no filter; the message says where.</exception>
    public static RunFilter Parse(string text)
    {
        var conditions = new List<RunCondition>();
        var position = 0;
        while (position < text.Length)
        {
            var match = Condition().Match(text, position);
            if (!match.Success || match.Index != position)
                throw new UserException(
                    $"'{text[position..].Trim()}' is no condition; write metrics.KEY > 0.5, params.KEY = 'text', tags.KEY LIKE 'text%' or status = 'FINISHED', joined by and."
                );
            conditions.Add(ConditionOf(match));
            position = match.Index + match.Length;
            if (match.Groups["and"].Length > 0 && position == text.Length)
                throw new UserException($"'{text}' ends with and; a condition is to follow.");
            if (match.Groups["and"].Length == 0 && position < text.Length)
                throw new UserException(
                    $"'{text[position..].Trim()}' follows a condition; conditions are joined by and."
                );
        }
        return conditions.Count == 0 ? None : new RunFilter(conditions);
    }

    static RunCondition ConditionOf(Match match)
    {
        var key = RunKey.Parse(match.Groups["key"].Value);
        var comparison = match.Groups["op"].Value.ToUpperInvariant();
        var quoted = match.Groups["text"].Success;
        var value = quoted ? match.Groups["text"].Value : match.Groups["number"].Value;
        double? number = quoted ? null : double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (key.Entity == RunEntity.Metric && number is null)
            throw new UserException($"A metric is compared with a number; '{value}' stands in quotes.");
        if (comparison is "LIKE" or "ILIKE" && number is not null)
            throw new UserException($"LIKE compares with a text in quotes; got {value}.");
        return new RunCondition(key, comparison, value, number);
    }

    /// <summary>True where a run meets every condition; a value that it does not have meets none.</summary>
    internal bool Meets(FoundRun run, Lazy<RunValues> values) =>
        Conditions.All(condition => Meets(condition, ValueOf(condition.Key, run, values)));

    internal static object? ValueOf(RunKey key, FoundRun run, Lazy<RunValues> values) =>
        key switch
        {
            (RunEntity.Metric, var name) => values.Value.Metrics.TryGetValue(name, out var value) ? value : null,
            (RunEntity.Param, var name) => values.Value.Parameters.GetValueOrDefault(name),
            (RunEntity.Tag, var name) => values.Value.Tags.GetValueOrDefault(name),
            (_, "status") => run.Status,
            (_, "run_name") => run.Name,
            (_, "run_id") => run.RunId,
            _ => (double)run.Start.ToUnixTimeMilliseconds(),
        };

    static bool Meets(RunCondition condition, object? value) =>
        (condition, value) switch
        {
            ({ Number: { } number }, double own) => Holds(condition.Comparison, own, number),
            ({ Number: { } number }, string text) => Holds(condition.Comparison, NumberOf(text), number),
            ({ Comparison: "LIKE" }, string text) => Like(condition.Text, RegexOptions.None).IsMatch(text),
            ({ Comparison: "ILIKE" }, string text) => Like(condition.Text, RegexOptions.IgnoreCase).IsMatch(text),
            (_, string text) => Holds(condition.Comparison, string.CompareOrdinal(text, condition.Text), 0),
            _ => false,
        };

    static double NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    static bool Holds(string comparison, double a, double b) =>
        !double.IsNaN(a)
        && comparison switch
        {
            "=" => a == b,
            "!=" => a != b,
            "<" => a < b,
            "<=" => a <= b,
            ">" => a > b,
            _ => a >= b,
        };

    static Regex Like(string pattern, RegexOptions options) =>
        new(
            "^" + Regex.Escape(pattern).Replace("%", ".*").Replace("_", ".") + "$",
            options | RegexOptions.Singleline | RegexOptions.CultureInvariant
        );

    [GeneratedRegex(
        @"\G\s*(?<key>(?:\w+\.)?(?:`[^`]+`|""[^""]+""|[^\s<>=!`""']+))\s*(?<op><=|>=|!=|=|<|>|(?i:ilike|like)\b)\s*(?:'(?<text>[^']*)'|""(?<text>[^""]*)""|(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))\s*(?<and>\b(?i:and)\b)?\s*"
    )]
    private static partial Regex Condition();
}
