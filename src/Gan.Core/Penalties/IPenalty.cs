namespace Gan.Core;

/// <summary>A discriminator with its weights given: a function of a sample alone.</summary>
public interface IDiscriminatorFunction
{
    /// <summary>What the discriminator says of each point.</summary>
    DiscriminatorOutput Discriminate(Sample sample);

    /// <summary>
    /// [batch]: |grad D(u)|^2 at each point u, the gradient of the logit (of the mean logit, where there are several; at each
    /// pack of a discriminator that packs points), over all components; differentiable with respect to the discriminator's weights. It has
    /// no square root, so its own gradient is finite where it is zero.
    /// </summary>
    Tensor SquaredGradientNorms(Sample sample) =>
        PointGradients
            .WithNorms(sample, points => new DiscriminatorResult(Discriminate(points), ParameterTree.Empty))
            .SquaredGradientNorms!;
}

/// <summary>A generator with its weights given: a function of latents alone.</summary>
public interface IGeneratorFunction
{
    /// <summary>The points of [batch, latents].</summary>
    Sample Generate(Tensor latents);
}

/// <summary>What a penalty is a function of: the turn's networks, points and outputs.</summary>
/// <param name="Discriminator">The discriminator, in the discriminator's turn differentiable in its weights.</param>
/// <param name="Real">Real points; in a generator's turn that draws no data, the generated ones.</param>
/// <param name="Fake">Generated points, in the generator's turn differentiable in its weights.</param>
/// <param name="Key">The penalty's randomness.</param>
public sealed record PenaltyInput(IDiscriminatorFunction Discriminator, Sample Real, Sample Fake, RandomKey Key)
{
    /// <summary>What the discriminator says of the real points.</summary>
    public DiscriminatorOutput RealOutput
    {
        get => field ?? Discriminator.Discriminate(Real);
        init;
    }

    /// <summary>What the discriminator says of the generated points.</summary>
    public DiscriminatorOutput FakeOutput
    {
        get => field ?? Discriminator.Discriminate(Fake);
        init;
    }

    /// <summary>
    /// [batch]: the discriminator's slopes at the real points (<see cref="IDiscriminatorFunction.SquaredGradientNorms"/>). A penalty that
    /// <see cref="IPenalty.Differentiates"/> them gets these from the one call that judged the points.
    /// </summary>
    public Tensor RealSquaredGradientNorms => KnownRealSquaredGradientNorms ?? Discriminator.SquaredGradientNorms(Real);

    /// <summary>[batch]: the same at each generated point.</summary>
    public Tensor FakeSquaredGradientNorms => KnownFakeSquaredGradientNorms ?? Discriminator.SquaredGradientNorms(Fake);

    internal Tensor? KnownRealSquaredGradientNorms { get; init; }

    internal Tensor? KnownFakeSquaredGradientNorms { get; init; }

    /// <summary>The generator, in its own turn differentiable in its weights.</summary>
    public IGeneratorFunction Generator
    {
        get => field ?? throw new InvalidOperationException("This input has no generator.");
        init;
    }

    /// <summary>[batch, latents]: what the generated points were made from.</summary>
    public Tensor Latents
    {
        get => field ?? throw new InvalidOperationException("This input has no latents.");
        init;
    }

    /// <summary>What the points are conditioned on; null for nothing.</summary>
    public Sample? Condition { get; init; }

    /// <summary>The networks of all players, for a penalty that reads others than the two.</summary>
    public IReadOnlyDictionary<string, BoundNetwork> Players { get; init; } =
        ImmutableDictionary<string, BoundNetwork>.Empty;

    /// <summary>The network of the player whose turn it is, its weights differentiable.</summary>
    public BoundNetwork Player
    {
        get => field ?? throw new InvalidOperationException("This input has no player.");
        init;
    }

    /// <summary>The penalty's own state.</summary>
    public ParameterTree State { get; init; } = ParameterTree.Empty;

    /// <summary>The number of steps made before.</summary>
    public long Step { get; init; }
}

/// <summary>The points of the turn at which a penalty reads the gradient of the logits.</summary>
[Flags]
public enum PenalizedPoints
{
    /// <summary>None of them: none at all, or points of its own.</summary>
    None = 0,

    /// <summary>The real ones.</summary>
    Real = 1,

    /// <summary>The generated ones.</summary>
    Fake = 2,
}

/// <summary>Where a penalty is to work, as far as a spec knows it.</summary>
/// <param name="Space">The space of the points.</param>
/// <param name="Networks">The players' networks, by name.</param>
/// <param name="HasLatents">Whether generated points are made from latents.</param>
/// <param name="Condition">What the points are conditioned on; null for nothing.</param>
public sealed record PenaltySetting(
    Space Space,
    IReadOnlyDictionary<string, INetwork> Networks,
    bool HasLatents,
    Space? Condition
)
{
    /// <summary>Throws where generated points are not made from latents.</summary>
    public void RequireLatents(string what)
    {
        if (!HasLatents)
            throw new ArgumentException($"{what} needs a generator with latents; this one has none.");
    }
}

/// <summary>
/// A term added to a player's loss: already weighted, a tensor without dimensions. It is never negative, but where its
/// formula says so.
/// </summary>
public interface IPenalty
{
    /// <summary>What it reads of the discriminator's output, beside logits.</summary>
    OutputParts Reads => OutputParts.Logits;

    /// <summary>At which points of the turn it reads slopes in a step: these are then found with the points' logits.</summary>
    PenalizedPoints Differentiates(long step) => PenalizedPoints.None;

    /// <summary>True when it needs real points, which a generator's turn otherwise may not draw.</summary>
    bool ReadsReal => true;

    /// <summary>Throws for a game that it makes no sense in.</summary>
    void Validate(PenaltySetting setting) { }

    /// <summary>The penalty's first state, for the weights of its player; empty for most.</summary>
    ParameterTree Init(ParameterTree weights) => ParameterTree.Empty;

    /// <summary>The term, and the penalty's next state.</summary>
    Term Evaluate(PenaltyInput input);
}

/// <summary>A set that a player's weights are brought back into after each of its updates.</summary>
public interface IConstraint
{
    /// <summary>The weights of the set that stand for the given ones.</summary>
    ParameterTree Project(ParameterTree weights);
}
