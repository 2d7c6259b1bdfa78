namespace Gan.Core;

/// <summary>A game's state as named tensors, and back: what is hashed and saved.</summary>
public static class GameCheckpoint
{
    /// <summary>
    /// Everything in the state: <c>generator/weights/…</c>, <c>…/buffers/…</c>, <c>…/optimizer/0/…</c>,
    /// <c>…/average/weights/…</c>, <c>objective/0/…</c>, <c>rule/…</c>, <c>step</c> and <c>root</c>.
    /// </summary>
    public static IReadOnlyList<NamedTensor> ToTensors(GameState state)
    {
        var entries = new List<NamedTensor>();
        Visit(state, Collect);
        return entries;

        Tensor Collect(string path, Tensor value)
        {
            entries.Add(new(path, value));
            return value;
        }
    }

    /// <summary>The state of a game from its named tensors, which may be on another device than the game's.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, is one too many, or has another shape or dtype; the message names it.</exception>
    public static GameState FromTensors(Game game, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var scope = new TensorScope();
        var used = new HashSet<string>();
        var loaded = Visit(game.Init(default), Find);
        if (tensors.Keys.FirstOrDefault(path => !used.Contains(path)) is { } extra)
            throw new ArgumentException($"The checkpoint has a tensor '{extra}', which this game has no place for.");
        var state = loaded.Map(tensor => tensor.On(game.Device));
        scope.Keep(state.Tensors);
        return state;

        Tensor Find(string path, Tensor own)
        {
            used.Add(path);
            if (!tensors.TryGetValue(path, out var found))
                throw new ArgumentException($"The checkpoint lacks the tensor '{path}' of this game.");
            return found.dtype == own.dtype && found.shape.SequenceEqual(own.shape)
                ? found
                : throw new ArgumentException(
                    $"The checkpoint's tensor '{path}' is {found.Describe()}; this game has {own.Describe()} there."
                );
        }
    }

    // Asks for a tensor at every place of a state, in a file's order, and gives the state that these make.
    static GameState Visit(GameState state, Func<string, Tensor, Tensor> at)
    {
        ImmutableArray<PlayerState> players = [.. state.Players.Select(OfPlayer)];
        ImmutableArray<ParameterTree> objectives =
        [
            .. state.Objectives.Select((objective, i) => OfTree($"objective/{i}", objective)),
        ];
        var rule = OfTree("rule", state.Rule);
        var step = OfNumber("step", state.Step);
        var bits = state.Root.Bits;
        var root = TensorData.ToArray<long>(at("root", tensor([(long)(ulong)bits, (long)(ulong)(bits >> 64)])));
        return new(players, objectives, rule, new RandomKey(new UInt128((ulong)root[1], (ulong)root[0])), step);

        PlayerState OfPlayer(PlayerState player)
        {
            var network = OfLayers(player.Name, player.Network);
            var average = OfLayers($"{player.Name}/average", player.Average);
            var transforms = player.Optimizer.Transforms.Select(
                (transform, i) => OfTransform($"{player.Name}/optimizer/{i}", transform)
            );
            return new(player.Name, network, new OptimizerState([.. transforms]), average);
        }

        LayerState OfLayers(string prefix, LayerState layers) =>
            new(OfTree($"{prefix}/weights", layers.Weights), OfTree($"{prefix}/buffers", layers.Buffers));

        TransformState OfTransform(string prefix, TransformState transform) =>
            new(OfNumber($"{prefix}/count", transform.Count), OfTree(prefix, transform.Slots));

        ParameterTree OfTree(string prefix, ParameterTree tree) =>
            tree.With([.. tree.Select(entry => at($"{prefix}/{entry.Path}", entry.Tensor))]);

        long OfNumber(string path, long number) => at(path, tensor(number)).item<long>();
    }
}
