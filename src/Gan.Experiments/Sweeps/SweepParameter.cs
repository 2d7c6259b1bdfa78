using MathNet.Numerics.Distributions;

namespace Gan.Experiments;

/// <summary>When a parameter is there: only where another has one of some values.</summary>
/// <param name="Parameter">The other's name.</param>
/// <param name="Values">Its values.</param>
public sealed record SweepCondition(string Parameter, IReadOnlyList<string> Values);

/// <summary>
/// What a sweep varies: a path of the spec, and the values it may take, as a function from the unit interval. A uniform
/// number in [0, 1) then gives a value with the right distribution.
/// </summary>
/// <param name="Name">The path, as <c>discriminator_optimizer.learning_rate</c>.</param>
/// <param name="Condition">When it is there; null for always.</param>
public abstract record SweepParameter(string Name, SweepCondition? Condition)
{
    /// <summary>The value of a number in [0, 1), as YAML.</summary>
    public abstract string Value(double unit);

    /// <summary>A number in [0, 1) that gives the value; of several the middle one.</summary>
    public abstract double Unit(string value);

    /// <summary>The same between some of its values, or among them.</summary>
    internal abstract SweepParameter Narrowed(IReadOnlyList<string> values);

    /// <summary>One of some values.</summary>
    /// <param name="Name">The path.</param>
    /// <param name="Condition">When it is there.</param>
    /// <param name="Values">The values.</param>
    /// <param name="Probabilities">How likely each is; they add up to 1.</param>
    public sealed record Choice(
        string Name,
        SweepCondition? Condition,
        IReadOnlyList<string> Values,
        IReadOnlyList<double> Probabilities
    ) : SweepParameter(Name, Condition)
    {
        /// <summary>One of some values, each as likely.</summary>
        public static Choice Even(string name, SweepCondition? condition, IReadOnlyList<string> values) =>
            new(name, condition, values, [.. values.Select(_ => 1.0 / values.Count)]);

        /// <inheritdoc/>
        public override string Value(double unit) => Values[Index(unit)];

        /// <inheritdoc/>
        public override double Unit(string value)
        {
            var index = Enumerable.Range(0, Values.Count).FirstOrDefault(i => Values[i] == value);
            return Probabilities.Take(index).Sum() + Probabilities[index] / 2;
        }

        /// <summary>The place among the values of that of a number in [0, 1).</summary>
        internal int Index(double unit)
        {
            for (var i = 0; i < Values.Count; i++)
                if ((unit -= Probabilities[i]) < 0)
                    return i;
            return Values.Count - 1;
        }

        /// <inheritdoc/>
        internal override SweepParameter Narrowed(IReadOnlyList<string> values)
        {
            int[] kept = [.. Enumerable.Range(0, Values.Count).Where(i => values.Contains(Values[i]))];
            var all = kept.Sum(i => Probabilities[i]);
            return this with
            {
                Values = [.. kept.Select(i => Values[i])],
                Probabilities = [.. kept.Select(i => Probabilities[i] / all)],
            };
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
            return Step > 0 ? Text(Math.Clamp(Rounded(value, Step), Least, Most), Step) : Text(value, Step);
        }

        /// <inheritdoc/>
        public override double Unit(string value)
        {
            var number = double.Parse(value, CultureInfo.InvariantCulture);
            return Math.Clamp(((Logarithmic ? Math.Log(number) : number) - Low) / (High - Low), 0, 1 - 1e-9);
        }

        /// <inheritdoc/>
        internal override SweepParameter Narrowed(IReadOnlyList<string> values) =>
            Between(this, values, Logarithmic, Step);

        // A whole number's ends have as much room as the others.
        double Low => Logarithmic ? Math.Log(Least) : Least - Step / 2;

        double High => Logarithmic ? Math.Log(Most) : Most + Step / 2;
    }

    /// <summary>A number with a normal distribution.</summary>
    /// <param name="Name">The path.</param>
    /// <param name="Condition">When it is there.</param>
    /// <param name="Mean">The mean.</param>
    /// <param name="Deviation">The standard deviation.</param>
    /// <param name="Logarithmic">Its logarithm is normal, not itself.</param>
    /// <param name="Step">It is a multiple of this; 0 for any number.</param>
    public sealed record Bell(
        string Name,
        SweepCondition? Condition,
        double Mean,
        double Deviation,
        bool Logarithmic,
        double Step
    ) : SweepParameter(Name, Condition)
    {
        // Beyond six deviations there is nothing to draw.
        const double Tail = 1e-9;

        /// <inheritdoc/>
        public override string Value(double unit)
        {
            var value = Normal.InvCDF(Mean, Deviation, Math.Clamp(unit, Tail, 1 - Tail));
            return Text(Rounded(Logarithmic ? Math.Exp(value) : value, Step), Step);
        }

        /// <inheritdoc/>
        public override double Unit(string value)
        {
            var number = double.Parse(value, CultureInfo.InvariantCulture);
            var normal = Logarithmic ? Math.Log(Math.Max(number, double.Epsilon)) : number;
            return Math.Clamp(Normal.CDF(Mean, Deviation, normal), 0, 1 - Tail);
        }

        /// <inheritdoc/>
        internal override SweepParameter Narrowed(IReadOnlyList<string> values) =>
            Between(this, values, Logarithmic, Step);
    }

    static SweepParameter Between(SweepParameter wide, IReadOnlyList<string> values, bool logarithmic, double step)
    {
        double[] numbers = [.. values.Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        return numbers.Min() < numbers.Max()
            ? new Range(wide.Name, wide.Condition, numbers.Min(), numbers.Max(), logarithmic, step)
            : Choice.Even(wide.Name, wide.Condition, [values[0]]);
    }

    static double Rounded(double value, double step) => step > 0 ? Math.Round(value / step) * step : value;

    // A spec's numbers are written in full; six digits of a drawn one say as much.
    static string Text(double value, double step) =>
        step > 0
            ? ((decimal)value).ToString(CultureInfo.InvariantCulture)
            : value.ToString("G6", CultureInfo.InvariantCulture);
}
