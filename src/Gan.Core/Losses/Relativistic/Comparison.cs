namespace Gan.Core;

/// <summary>
/// What a margin m = D(a) - D(b) costs a player who wants a above b. Closed: <see cref="Match{T}"/> takes one function per
/// case.
/// </summary>
public abstract record Comparison
{
    private Comparison() { }

    /// <summary>softplus(-m)</summary>
    public static Comparison Logistic { get; } = new LogisticCase();

    /// <summary>(m - 1)^2</summary>
    public static Comparison LeastSquares { get; } = new LeastSquaresCase();

    /// <summary>max(0, 1 - m)</summary>
    public static Comparison Hinge { get; } = new HingeCase();

    /// <summary>The cost of each margin.</summary>
    public Tensor Cost(Tensor margin) =>
        Match(() => margin.neg().softplus(), () => (margin - 1).square(), () => (1 - margin).relu());

    /// <summary>One function per case.</summary>
    public abstract T Match<T>(Func<T> logistic, Func<T> leastSquares, Func<T> hinge);

    sealed record LogisticCase : Comparison
    {
        public override T Match<T>(Func<T> logistic, Func<T> leastSquares, Func<T> hinge) => logistic();
    }

    sealed record LeastSquaresCase : Comparison
    {
        public override T Match<T>(Func<T> logistic, Func<T> leastSquares, Func<T> hinge) => leastSquares();
    }

    sealed record HingeCase : Comparison
    {
        public override T Match<T>(Func<T> logistic, Func<T> leastSquares, Func<T> hinge) => hinge();
    }
}
