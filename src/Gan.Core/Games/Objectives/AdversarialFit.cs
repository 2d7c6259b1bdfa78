namespace Gan.Core;

/// <summary>Whether a loss, penalties and augmentations make sense with a discriminator and the points that it compares.</summary>
internal sealed record AdversarialFit(
    Game Game,
    string Discriminator,
    ISampleSource Samples,
    IAdversarialLoss Loss,
    ImmutableArray<IPenalty> Penalties,
    ImmutableArray<IAugmentation> Augmentations
)
{
    IDiscriminator Network => Game.Network<IDiscriminator>(Discriminator);

    /// <summary>Throws where they do not; the refusal names the part that should be changed.</summary>
    /// <param name="penalties">What a refused penalty is named as.</param>
    /// <exception cref="RefusedException">They do not fit.</exception>
    public void Require(GamePart penalties)
    {
        Samples.Validate(Game);
        var (network, space) = (Network, Samples.SpaceOf(Game));
        if (!network.Space.Equals(space))
            throw new RefusedException(
                GamePart.Discriminator,
                $"The discriminator '{Discriminator}' judges {network.Space.Describe()}; its points are {space.Describe()}."
            );
        var condition = Samples.ConditionOf(Game);
        if (network.Condition is { } wanted && !wanted.Equals(condition))
            throw new RefusedException(
                GamePart.Discriminator,
                $"The discriminator '{Discriminator}' is conditioned on {wanted.Describe()}; its points come with {condition?.Describe() ?? "no condition"}."
            );
        RequireLoss(network, condition);
        var setting = new PenaltySetting(space, Game.Networks, Samples.HasLatents(Game), condition);
        foreach (var penalty in Penalties)
        {
            RefusedException.RequireOutputs(network, penalty.Reads, $"The penalty {penalty.GetType().Name}");
            RefusedException.Check(penalties, () => penalty.Validate(setting));
        }
        foreach (var augmentation in Augmentations)
            RefusedException.Check(GamePart.Augmentations, () => augmentation.Validate(space));
    }

    void RequireLoss(IDiscriminator network, Space? condition)
    {
        var loss = $"The loss {Loss.GetType().Name}";
        RefusedException.RequireOutputs(network, Loss.Reads, loss);
        if (!Loss.ReadsLabels)
            return;
        if (condition is not Space.Label { Classes: var classes })
            throw RefusedException.For(RefusalReason.NeedsLabels, loss);
        if (network.LogitCount != classes + 1)
            throw new RefusedException(
                GamePart.Discriminator,
                $"{loss} needs a discriminator of {classes + 1} outputs, one for each of {classes} classes and one for generated points; this one has {network.LogitCount}."
            );
    }

    /// <summary>Throws for a batch that the discriminator cannot pack.</summary>
    public void RequireBatch(int size)
    {
        if (size % Network.Pack != 0)
            throw new RefusedException(GamePart.Discriminator, PackedDiscriminator.Misfit(Network.Pack, size));
    }

    /// <summary>
    /// Throws for a loss whose costs on real and generated points are not each other's at negated logits: the network that
    /// makes real points has no loss by it.
    /// </summary>
    public void RequireExchangeable()
    {
        using var scope = NewDisposeScope();
        var logits = linspace(-3, 3, 13, ScalarType.Float64);
        if (
            Loss is not PointwiseLoss pointwise
            || !pointwise.OnFake(logits).allclose(pointwise.OnReal(logits.neg()), 1e-6, 1e-9)
        )
            throw new RefusedException(
                GamePart.Loss,
                $"The loss {Loss.GetType().Name} gives an encoder nothing to minimize: use one that treats real and generated points alike up to the logits' sign (non_saturating, hinge, wasserstein), or a relativistic one."
            );
    }
}
