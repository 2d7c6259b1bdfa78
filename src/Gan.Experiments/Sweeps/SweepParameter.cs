using System.Globalization;

namespace Gan.Experiments;

/// <summary>When a parameter is there: only where another has one of some values.</summary>
/// <param name="Parameter">The other's name.</param>
/// <param name="Values">Its values.</param>
public sealed record SweepCondition(string Parameter, IReadOnlyList<string> Values);

/// <summary>
/// What a sweep varies: a path of the spec, and the values it may take, as a function from the unit interval. A uniform
/// number in [0, 1) then gives a value with the right distribution.
/// </summary>
/// <param name="Name">The path, as <c>critic_optimizer.learning_rate</c>.</param>
/// <param name="Condition">When it is there; null for always.</param>
public abstract record SweepParameter(string Name, SweepCondition? Condition)
{
    /// <summary>The value of a number in [0, 1), as YAML.</summary>
    public abstract string Value(double unit);

    /// <summary>A number in [0, 1) that gives the value; of several the middle one.</summary>
    public abstract double Unit(string value);

    /// <summary>One of some values, each as likely.</summary>
    public sealed record Choice(string Name, SweepCondition? Condition, IReadOnlyList<string> Values)
        : SweepParameter(Name, Condition)
    {
        /// <inheritdoc/>
        public override string Value(double unit) => Values[Math.Min((int)(unit * Values.Count), Values.Count - 1)];

        /// <inheritdoc/>
        public override double Unit(string value)
        {
            for (var i = 0; i < Values.Count; i++)
                if (Values[i] == value)
                    return (i + 0.5) / Values.Count;
            return 0.5;
        }
    }

    /// <summary>A number between two others.</summary>
    /// <param name="Name">The path.</param>
    /// <param name="Condition">When it is there.</param>
    /// <param name="Least">The least.</param>
    /// <param name="Most">The most.</param>
    /// <param name="Logarithmic">Its logarithm is uniform, not itself.</param>
    /// <param name="Step">It is a multiple of this; 0 for any number.</param>
    public sealed record Range(
        string Name,
        SweepCondition? Condition,
        double Least,
        double Most,
        bool Logarithmic,
        double Step
    ) : SweepParameter(Name, Condition)
    {
        /// <inheritdoc/>
        public override string Value(double unit)
        {
            var value = Logarithmic ? Math.Exp(Low + unit * (High - Low)) : Low + unit * (High - Low);
            if (Step > 0)
                value = Math.Clamp(Math.Round(value / Step) * Step, Least, Most);
            // A spec's numbers are written in full; six digits of a drawn one say as much.
            return Step > 0
                ? ((decimal)value).ToString(CultureInfo.InvariantCulture)
                : value.ToString("G6", CultureInfo.InvariantCulture);
        }

        /// <inheritdoc/>
        public override double Unit(string value)
        {
            var number = double.Parse(value, CultureInfo.InvariantCulture);
            return Math.Clamp(((Logarithmic ? Math.Log(number) : number) - Low) / (High - Low), 0, 1 - 1e-9);
        }

        // A whole number's ends have as much room as the others.
        double Low => Logarithmic ? Math.Log(Least) : Least - Step / 2;

        double High => Logarithmic ? Math.Log(Most) : Most + Step / 2;
    }

    /// <summary>Reads a parameter in the words of W&amp;B's sweeps.</summary>
    internal static SweepParameter Read(string name, SpecReader section)
    {
        var condition = section.Has("when") ? section.Section("when", ReadCondition) : null;
        if (section.Yaml("value") is { } value)
            return Discrete("constant", [value]);
        if (section.Items("values") is { } values)
            return values.Count > 0
                ? Discrete("categorical", values)
                : throw section.Wrong("values", "must have at least one value.");
        // As W&B has it: between whole numbers are whole numbers, where nothing else is said.
        var whole =
            section.Has("min") && section.Has("max") && IsWhole(section.Items("min")) && IsWhole(section.Items("max"));
        var distribution = section.Text("distribution", whole ? "int_uniform" : "uniform");
        var known = new[] { "uniform", "int_uniform", "q_uniform", "log_uniform_values", "q_log_uniform_values" };
        if (!known.Contains(distribution))
            throw section.Wrong(
                "distribution",
                $"there is no '{distribution}'; {NearestName.Hint(distribution, known)}"
            );
        var (least, most) = (section.Number("min"), section.Number("max"));
        var logarithmic = distribution.Contains("log", StringComparison.Ordinal);
        var step =
            distribution == "int_uniform" ? 1
            : distribution.StartsWith("q_", StringComparison.Ordinal) ? section.Number("q", 1)
            : 0;
        if (logarithmic && least <= 0)
            throw section.Wrong("min", $"must be above 0 for {distribution}; got {least}.");
        if (step < 0 || (distribution.StartsWith("q_", StringComparison.Ordinal) && step == 0))
            throw section.Wrong("q", $"must be above 0; got {step}.");
        if (step > 0)
            (least, most) = (Multiple(section, "min", least, step), Multiple(section, "max", most, step));
        return least < most
            ? new Range(name, condition, least, most, logarithmic, step)
            : throw section.Wrong(
                "max",
                $"must be above min{(step > 0 ? $", in multiples of {step}" : "")}; got {least} to {most}."
            );

        Choice Discrete(string kind, IReadOnlyList<string> all) =>
            section.Text("distribution", kind) == kind
                ? new Choice(name, condition, all)
                : throw section.Wrong(
                    "distribution",
                    $"must be {kind} beside {(kind == "constant" ? "value" : "values")}, or left away."
                );
    }

    // The least multiple that is not below min, or the greatest that is not above max.
    static double Multiple(SpecReader section, string key, double value, double step)
    {
        const double tolerance = 1e-9;
        const double most = 1e15;
        var count = key == "min" ? Math.Ceiling(value / step - tolerance) : Math.Floor(value / step + tolerance);
        return Math.Abs(count) <= most && Math.Abs(value) <= most
            ? count * step
            : throw section.Wrong(key, $"is too large for multiples of {step}; got {value}.");
    }

    static bool IsWhole(IReadOnlyList<string>? items) => items is [var text] && long.TryParse(text, out _);

    static SweepCondition ReadCondition(SpecReader section) =>
        section.Keys is [var other] && section.Items(other) is [_, ..] values
            ? new SweepCondition(other, values)
            : throw section.Wrong(
                section.Keys.FirstOrDefault() ?? "",
                "names one other parameter and its values, as in {loss: [hinge, wasserstein]}."
            );
}
