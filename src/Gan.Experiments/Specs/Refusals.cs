namespace Gan.Experiments;

/// <summary>A loss and a discriminator that are refused together, whatever the penalty and the rule.</summary>
/// <param name="Loss">The loss's name in specs.</param>
/// <param name="Discriminator">The discriminator's.</param>
/// <param name="Reason">Why.</param>
public sealed record Refusal(string Loss, string Discriminator, RefusalReason Reason);

/// <summary>What is refused on the ring, of all that specs may name.</summary>
/// <param name="Combinations">The combinations of loss, penalty and rule, each with the defaults of its parts.</param>
/// <param name="Refused">Those of them that no discriminator makes sense of, as <c>loss, penalty, rule: reason</c>.</param>
/// <param name="ByDiscriminator">The losses that a discriminator makes no sense of.</param>
public sealed record Refusals(int Combinations, IReadOnlyList<string> Refused, IReadOnlyList<Refusal> ByDiscriminator)
{
    const string NoPenalty = "";
    const string OfClasses = "{kind: mlp, outputs: 9}";

    // Images' discriminators are not for the ring. The labeled ring has eight classes.
    static readonly string[] discriminators =
    [
        .. NetworkCatalog.Discriminators.Names.Where(name => name != "dcgan"),
        OfClasses,
    ];

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
            let tried = discriminators.Select(discriminator => Try(loss, discriminator, penalty, rule))
            where tried.All(refusal => refusal is not null)
            select $"{loss}, {penalty}, {rule}: {tried.First()!.Message}";
        var byDiscriminator =
            from loss in losses
            from discriminator in discriminators
            let reason = Try(loss, discriminator, NoPenalty, rules[0])?.Reason
            where reason is not null
            select new Refusal(loss, discriminator, reason.GetValueOrDefault());
        return new Refusals(losses.Length * penalties.Length * rules.Length, [.. refused], [.. byDiscriminator]);
    }

    static SpecException? Try(string loss, string discriminator, string penalty, string rule)
    {
        try
        {
            ExperimentSpec.Read(
                SpecDocument.Parse(
                    "ring",
                    $$"""
                    steps: 1
                    data: {kind: ring, labels: {{(discriminator == OfClasses ? "true" : "false")}}}
                    generator: mlp
                    discriminator: {{discriminator}}
                    loss: {{loss}}
                    penalties: [{{penalty}}]
                    rule: {{rule}}
                    generator_optimizer: adam
                    discriminator_optimizer: adam
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
