namespace Gan.Core;

/// <summary>What a margin m = D(a) - D(b) costs a player who wants a above b.</summary>
public sealed record Comparison
{
    readonly Func<Tensor, Tensor> cost;

    Comparison(string name, Func<Tensor, Tensor> cost) => (Name, this.cost) = (name, cost);

    /// <summary>softplus(-m)</summary>
    public static Comparison Logistic { get; } = new(nameof(Logistic), margin => margin.neg().softplus());

    /// <summary>(m - 1)^2</summary>
    public static Comparison LeastSquares { get; } = new(nameof(LeastSquares), margin => (margin - 1).square());

    /// <summary>max(0, 1 - m)</summary>
    public static Comparison Hinge { get; } = new(nameof(Hinge), margin => (1 - margin).relu());

    /// <summary>The cost's name.</summary>
    public string Name { get; }

    /// <summary>The cost of each margin.</summary>
    public Tensor Cost(Tensor margin) => cost(margin);
}
