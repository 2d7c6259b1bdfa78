namespace Gan.Experiments;

/// <summary>A loss and a critic that are refused together, whatever the penalty and the rule.</summary>
/// <param name="Loss">The loss's name in specs.</param>
/// <param name="Critic">The critic's.</param>
/// <param name="Reason">Why.</param>
public sealed record Refusal(string Loss, string Critic, RefusalReason Reason);

/// <summary>What is refused on the ring, of all that specs may name.</summary>
/// <param name="Combinations">The combinations of loss, penalty and rule, each with the defaults of its parts.</param>
/// <param name="Refused">Those of them that no critic makes sense of, as <c>loss, penalty, rule: reason</c>.</param>
/// <param name="ByCritic">The losses that a critic makes no sense of.</param>
public sealed record Refusals(int Combinations, IReadOnlyList<string> Refused, IReadOnlyList<Refusal> ByCritic)
{
    const string NoPenalty = "";
    const string OfClasses = "{kind: mlp, outputs: 9}";

    // Images' critics are not for the ring. The labelled ring has eight classes.
    static readonly string[] critics = [.. NetworkCatalog.Critics.Names.Where(name => name != "dcgan"), OfClasses];

    /// <summary>Tries all of them, without training any.</summary>
    public static Refusals OnTheRing()
    {
        string[] losses = [.. LossCatalog.Losses.Names];
        string[] penalties = [NoPenalty, .. PenaltyCatalog.Penalties.Names];
        string[] rules = [.. RuleCatalog.Rules.Names];
        var refused =
            from loss in losses
            from penalty in penalties
            from rule in rules
            let tried = critics.Select(critic => Try(loss, critic, penalty, rule))
            where tried.All(refusal => refusal is not null)
            select $"{loss}, {penalty}, {rule}: {tried.First()!.Message}";
        var byCritic =
            from loss in losses
            from critic in critics
            let reason = Try(loss, critic, NoPenalty, rules[0])?.Reason
            where reason is not null
            select new Refusal(loss, critic, reason.GetValueOrDefault());
        return new Refusals(losses.Length * penalties.Length * rules.Length, [.. refused], [.. byCritic]);
    }

    static SpecException? Try(string loss, string critic, string penalty, string rule)
    {
        try
        {
            ExperimentSpec.Read(
                SpecDocument.Parse(
                    "ring",
                    $$"""
                    steps: 1
                    data: {kind: ring, labels: {{(critic == OfClasses ? "true" : "false")}}}
                    generator: mlp
                    critic: {{critic}}
                    loss: {{loss}}
                    penalties: [{{penalty}}]
                    rule: {{rule}}
                    generator_optimizer: adam
                    critic_optimizer: adam
                    """
                )
            );
            return null;
        }
        catch (SpecException refusal)
        {
            return refusal;
        }
    }
}
