namespace Gan.Core;

/// <summary>A player's penalties at work: their values, their names, and their next states.</summary>
internal sealed record PenaltyTerms(ImmutableArray<IPenalty> Penalties, ImmutableArray<Term> Terms, ParameterTree State)
{
    /// <summary>The level of the penalties' states and measurements.</summary>
    public const string Name = "penalty";

    /// <summary>No penalties.</summary>
    public static PenaltyTerms None { get; } = new([], [], ParameterTree.Empty);

    /// <summary>Each penalty's value, and what it measured.</summary>
    public IEnumerable<NamedTensor> Measurements =>
        Terms.SelectMany(
            (term, i) =>
            {
                var path = $"{Name}/{i}_{Penalties[i].GetType().Name}";
                return term
                    .Measurements.Entries.Select(entry => entry with { Path = $"{path}/{entry.Path}" })
                    .Prepend(new NamedTensor(path, term.Value.detach()));
            }
        );

    /// <summary>The penalties' first states, for their player's weights.</summary>
    public static ParameterTree Init(
        ImmutableArray<IPenalty> penalties,
        string player,
        IReadOnlyList<PlayerState> players
    )
    {
        var weights = players.First(found => found.Name == player).Network.Weights;
        return ParameterTree.Join(penalties.Select((penalty, i) => new NamedTree($"{i}", penalty.Init(weights))));
    }

    /// <summary>All penalties on one input, each with its own state and key.</summary>
    public static PenaltyTerms Evaluate(ImmutableArray<IPenalty> penalties, PenaltyInput input)
    {
        // A penalty may take gradients of its own, of any order.
        using var asked = Gradient.Ask(
            Gradient.Asked == DerivativeOrder.Higher ? DerivativeOrder.Higher : DerivativeOrder.Any
        );
        var terms = ImmutableArray.CreateBuilder<Term>();
        var states = new List<NamedTree>();
        for (var i = 0; i < penalties.Length; i++)
        {
            var own = input with { Key = input.Key.Derive(i), State = input.State.Child($"{i}") };
            terms.Add(penalties[i].Evaluate(own));
            if (own.State.Count > 0)
                states.Add(new($"{i}", terms[i].State ?? own.State));
        }
        return new(penalties, terms.ToImmutable(), states.Count == 0 ? input.State : ParameterTree.Join(states));
    }

    /// <summary>A loss and these terms.</summary>
    public Tensor AddTo(Tensor loss) => Terms.Aggregate(loss, (sum, term) => sum + term.Value);

    /// <summary>The numbers of an objective's state, which are worth seeing.</summary>
    public static IEnumerable<NamedTensor> Numbers(ParameterTree state) =>
        state
            .Where(entry => entry.Tensor.ndim == 0)
            .Select(entry => new NamedTensor($"state/{entry.Path}", entry.Tensor));
}
