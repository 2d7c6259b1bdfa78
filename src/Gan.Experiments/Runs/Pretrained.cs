namespace Gan.Experiments;

/// <summary>Starts a game from the weights of another run.</summary>
internal static class Pretrained
{
    /// <summary>
    /// The state with every player's weights and buffers as the checkpoint has them; optimizers, averages of other
    /// lengths and the step begin anew.
    /// </summary>
    /// <exception cref="UserException">The checkpoint lacks a weight of this game, or has it in another shape.</exception>
    public static GameState Apply(Game game, GameState fresh, string file)
    {
        using var scope = NewDisposeScope();
        var found = Read(file);
        PlayerState[] players = [.. fresh.Players.Select(Trained)];
        var state = game.Start(players, fresh.Root);
        scope.MoveToOuter(state.Tensors);
        return state;

        PlayerState Trained(PlayerState player)
        {
            var network = new LayerState(
                Take(player.Network.Weights, $"{player.Name}/weights"),
                Take(player.Network.Buffers, $"{player.Name}/buffers")
            );
            var average = game.Players.First(p => p.Name == player.Name).InitAverage(network);
            return player with { Network = network, Average = average };
        }

        ParameterTree Take(ParameterTree like, string prefix) =>
            like.With([
                .. like.Select(entry =>
                    found.TryGetValue($"{prefix}/{entry.Path}", out var tensor)
                    && tensor.shape.SequenceEqual(entry.Tensor.shape)
                        ? tensor.to_type(entry.Tensor.dtype)
                        : throw new UserException(
                            $"The checkpoint '{file}' cannot start this game: it has {(tensor is null ? "no" : tensor.Describe())} '{prefix}/{entry.Path}', which here is {entry.Tensor.Describe()}."
                        )
                ),
            ]);
    }

    static IReadOnlyDictionary<string, Tensor> Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return Safetensors.Read(stream);
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException)
        {
            throw new UserException($"The checkpoint '{file}' cannot be read: {failure.Message}");
        }
    }
}
