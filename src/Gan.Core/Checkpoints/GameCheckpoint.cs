using System.Buffers.Binary;
using System.Collections.Immutable;

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
        foreach (var player in state.Players)
        {
            Add($"{player.Name}/weights", player.Network.Weights);
            Add($"{player.Name}/buffers", player.Network.Buffers);
            Add($"{player.Name}/average/weights", player.Average.Weights);
            Add($"{player.Name}/average/buffers", player.Average.Buffers);
            for (var i = 0; i < player.Optimizer.Transforms.Length; i++)
            {
                var transform = player.Optimizer.Transforms[i];
                entries.Add(new($"{player.Name}/optimizer/{i}/count", tensor(transform.Count)));
                Add($"{player.Name}/optimizer/{i}", transform.Slots);
            }
        }
        for (var i = 0; i < state.Objectives.Length; i++)
            Add($"objective/{i}", state.Objectives[i]);
        Add("rule", state.Rule);
        entries.Add(new("step", tensor(state.Step)));
        entries.Add(new("root", tensor([(long)(ulong)state.Root.Bits, (long)(ulong)(state.Root.Bits >> 64)])));
        return entries;

        void Add(string prefix, ParameterTree tree)
        {
            foreach (var entry in tree)
                entries.Add(new($"{prefix}/{entry.Path}", entry.Tensor));
        }
    }

    /// <summary>The state of a game from its named tensors, which may be on another device than the game's.</summary>
    /// <exception cref="ArgumentException">A tensor is missing, is one too many, or has another shape or dtype; the message names it.</exception>
    public static GameState FromTensors(Game game, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var scope = new TensorScope();
        var form = game.Init(default);
        var used = new HashSet<string>();
        var players = form.Players.Select(player => new PlayerState(
            player.Name,
            new LayerState(
                Take($"{player.Name}/weights", player.Network.Weights),
                Take($"{player.Name}/buffers", player.Network.Buffers)
            ),
            new OptimizerState([
                .. player.Optimizer.Transforms.Select(
                    (transform, i) =>
                        new TransformState(
                            Find($"{player.Name}/optimizer/{i}/count").item<long>(),
                            Take($"{player.Name}/optimizer/{i}", transform.Slots)
                        )
                ),
            ]),
            new LayerState(
                Take($"{player.Name}/average/weights", player.Average.Weights),
                Take($"{player.Name}/average/buffers", player.Average.Buffers)
            )
        ));
        var root = TensorData.ToArray<long>(Find("root"));
        var loaded = new GameState(
            [.. players],
            [.. form.Objectives.Select((objective, i) => Take($"objective/{i}", objective))],
            Take("rule", form.Rule),
            new RandomKey(new UInt128((ulong)root[1], (ulong)root[0])),
            Find("step").item<long>()
        );
        if (tensors.Keys.FirstOrDefault(path => !used.Contains(path)) is { } extra)
            throw new ArgumentException($"The checkpoint has a tensor '{extra}', which this game has no place for.");
        var state = loaded.Map(tensor => tensor.On(game.Device));
        scope.Keep(state.Tensors);
        return state;

        Tensor Find(string path)
        {
            used.Add(path);
            return tensors.TryGetValue(path, out var found)
                ? found
                : throw new ArgumentException($"The checkpoint lacks the tensor '{path}' of this game.");
        }

        ParameterTree Take(string prefix, ParameterTree like) =>
            like.With([
                .. like.Select(entry =>
                {
                    var path = $"{prefix}/{entry.Path}";
                    var found = Find(path);
                    return found.dtype == entry.Tensor.dtype && found.shape.SequenceEqual(entry.Tensor.shape)
                        ? found
                        : throw new ArgumentException(
                            $"The checkpoint's tensor '{path}' is {found.Describe()}; this game has {entry.Tensor.Describe()} there."
                        );
                }),
            ]);
    }
}
