namespace Gan.Experiments;

/// <summary>Reads what a sweep varies, in the words of W&amp;B's sweeps.</summary>
internal sealed class SweepParameterReader(string name, SpecReader section)
{
    const double Largest = 1e15;

    static readonly string[] Ranges =
    [
        "uniform",
        "int_uniform",
        "q_uniform",
        "log_uniform_values",
        "q_log_uniform_values",
    ];

    static readonly string[] Bells = ["normal", "q_normal", "log_normal", "q_log_normal"];

    /// <summary>The parameter.</summary>
    /// <exception cref="SpecException">It cannot be used.</exception>
    public SweepParameter Read()
    {
        var condition = section.Has("when") ? section.Section("when", ReadCondition) : null;
        if (section.Yaml("value") is { } value)
            return Discrete(condition, "constant", [value]);
        if (section.Items("values") is { } values)
            return values.Count > 0
                ? Discrete(
                    condition,
                    section.Has("probabilities") ? "categorical_w_probabilities" : "categorical",
                    values
                )
                : throw section.Wrong("values", "must have at least one value.");
        // Looked at for its numbers, min would count as known beside any distribution.
        var distribution = section.Text(
            "distribution",
            section.Has("distribution") || !IsWhole() ? "uniform" : "int_uniform"
        );
        return Bells.Contains(distribution) ? Bell(condition, distribution)
            : Ranges.Contains(distribution) ? Range(condition, distribution)
            : throw section.NoSuch("distribution", distribution, [.. Ranges, .. Bells]);
    }

    SweepParameter.Choice Discrete(SweepCondition? condition, string kind, IReadOnlyList<string> values)
    {
        if (section.Text("distribution", kind) != kind)
            throw section.Wrong(
                "distribution",
                $"must be {kind} beside {(kind == "constant" ? "value" : "values")}, or left away."
            );
        var choice = SweepParameter.Choice.Even(name, condition, values);
        return section.Items("probabilities") is { } probabilities
            ? choice with
            {
                Probabilities = Probabilities(probabilities, values),
            }
            : choice;
    }

    double[] Probabilities(IReadOnlyList<string> texts, IReadOnlyList<string> values)
    {
        double[] probabilities =
        [
            .. texts.Select(text =>
                double.TryParse(text, CultureInfo.InvariantCulture, out var probability) && probability is > 0 and <= 1
                    ? probability
                    : throw section.Wrong("probabilities", $"must be above 0, and 1 at most; got '{text}'.")
            ),
        ];
        if (probabilities.Length != values.Count)
            throw section.Wrong(
                "probabilities",
                $"must be one for each of {values.Count} values; got {probabilities.Length}."
            );
        var all = probabilities.Sum();
        return Math.Abs(all - 1) < 1e-6
            ? [.. probabilities.Select(probability => probability / all)]
            : throw section.Wrong("probabilities", $"must add up to 1; they add up to {all:G6}.");
    }

    SweepParameter.Range Range(SweepCondition? condition, string distribution)
    {
        var (least, most) = (section.Number("min"), section.Number("max"));
        var logarithmic = IsLogarithmic(distribution);
        var step = distribution == "int_uniform" ? 1 : Step(distribution);
        if (logarithmic && least <= 0)
            throw section.Wrong("min", $"must be above 0 for {distribution}; got {least}.");
        if (step > 0)
            (least, most) = (Multiple("min", least, step), Multiple("max", most, step));
        return least < most
            ? new SweepParameter.Range(name, condition, least, most, logarithmic, step)
            : throw section.Wrong(
                "max",
                $"must be above min{(step > 0 ? $", in multiples of {step}" : "")}; got {least} to {most}."
            );
    }

    SweepParameter.Bell Bell(SweepCondition? condition, string distribution)
    {
        var (mean, deviation) = (section.Number("mu", 0), section.Number("sigma", 1));
        var logarithmic = IsLogarithmic(distribution);
        if (deviation <= 0)
            throw section.Wrong("sigma", $"must be above 0; got {deviation}.");
        // Six deviations away is as far as anything is drawn.
        if (Math.Abs(mean) + 6 * deviation > (logarithmic ? Math.Log(Largest) : Largest))
            throw section.Wrong(
                "sigma",
                $"is too large beside mu = {mean}: {(logarithmic ? "they are of the logarithm, and " : "")}values would be beyond {Largest}."
            );
        return new SweepParameter.Bell(name, condition, mean, deviation, logarithmic, Step(distribution));
    }

    static bool IsLogarithmic(string distribution) => distribution.Contains("log", StringComparison.Ordinal);

    // 0 for values of any size.
    double Step(string distribution)
    {
        if (!distribution.StartsWith("q_", StringComparison.Ordinal))
            return 0;
        var step = section.Number("q", 1);
        return step > 0 ? step : throw section.Wrong("q", $"must be above 0; got {step}.");
    }

    // The least multiple that is not below min, or the greatest that is not above max.
    double Multiple(string key, double value, double step)
    {
        const double tolerance = 1e-9;
        var count = key == "min" ? Math.Ceiling(value / step - tolerance) : Math.Floor(value / step + tolerance);
        return Math.Abs(count) <= Largest && Math.Abs(value) <= Largest
            ? count * step
            : throw section.Wrong(key, $"is too large for multiples of {step}; got {value}.");
    }

    // As W&B has it: between whole numbers are whole numbers, where nothing else is said.
    bool IsWhole() =>
        ((string[])["min", "max"]).All(key =>
            section.Has(key) && section.Items(key) is [var text] && long.TryParse(text, out _)
        );

    static SweepCondition ReadCondition(SpecReader section) =>
        section.Keys is [var other] && section.Items(other) is [_, ..] values
            ? new SweepCondition(other, values)
            : throw section.Wrong(
                section.Keys.FirstOrDefault() ?? "",
                "names one other parameter and its values, as in {loss: [hinge, wasserstein]}."
            );
}
