namespace Gan.Core;

/// <summary>
/// An exponential moving average of a player's weights and buffers: a' = d a + (1 - d) w after each of its updates, with d
/// = Decay, or with a ramp the lesser of it and 2^(-1/(RampUp t)) after t steps: the half-life is at first a fraction of the
/// steps made.
/// </summary>
/// <remarks>With the ramp, Karras et al., 2020 (StyleGAN2-ADA), where the fraction is 0.05.</remarks>
public sealed record Averaging
{
    /// <summary>How much of the average stays.</summary>
    public double Decay
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.999;

    /// <summary>The half-life at first, as a fraction of the steps made; 0 for no ramp.</summary>
    public double RampUp
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <summary>How much of the average stays after so many steps.</summary>
    public double DecayAt(long step) => RampUp == 0 ? Decay : Math.Min(Decay, Math.Pow(0.5, 1 / (RampUp * (step + 1))));
}

/// <summary>One side of a game: a name, the network it owns, and how its weights move.</summary>
public sealed record Player(string Name, INetwork Network, Chain Optimizer)
{
    /// <summary>The average kept of it, or null.</summary>
    public Averaging? Averaging { get; init; }

    /// <summary>The sets its weights are brought back into after each update, in order.</summary>
    public ImmutableArray<IConstraint> Constraints { get; init; } = [];

    /// <summary>The first average of a network: the network itself; empty where none is kept.</summary>
    internal LayerState InitAverage(LayerState network) => Averaging is null ? LayerState.Empty : network;
}

/// <summary>A player's part of a game's state.</summary>
/// <param name="Name">The player's name.</param>
/// <param name="Network">Its weights and buffers.</param>
/// <param name="Optimizer">Its optimizer's state.</param>
/// <param name="Average">Its averaged weights and buffers; empty where no average is kept.</param>
public sealed record PlayerState(string Name, LayerState Network, OptimizerState Optimizer, LayerState Average)
{
    /// <summary>The average where one is kept, and the weights themselves where none is.</summary>
    public LayerState Best => Average.Weights.Count > 0 ? Average : Network;

    internal IEnumerable<Tensor> Tensors =>
        [
            .. Network.Weights.ToArray(),
            .. Network.Buffers.ToArray(),
            .. Optimizer.Tensors,
            .. Average.Weights.ToArray(),
            .. Average.Buffers.ToArray(),
        ];

    internal PlayerState Map(Func<Tensor, Tensor> function) =>
        new(Name, Map(Network, function), Optimizer.Map(function), Map(Average, function));

    static LayerState Map(LayerState state, Func<Tensor, Tensor> function) =>
        new(state.Weights.Map(function), state.Buffers.Map(function));
}
