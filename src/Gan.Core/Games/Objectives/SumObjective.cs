namespace Gan.Core;

/// <summary>An objective and its name within a sum.</summary>
/// <param name="Name">The name: the level of its state and of its measurements.</param>
/// <param name="Objective">The objective.</param>
public sealed record ObjectivePart(string Name, IObjective Objective);

/// <summary>
/// The sum of several objectives on one batch, for a turn that moves several players. A later part sees the buffers that an
/// earlier one left.
/// </summary>
public sealed record SumObjective : IObjective
{
    /// <summary>The sum of the parts.</summary>
    public SumObjective(params ObjectivePart[] parts)
    {
        Parts = [.. parts];
        if (Parts.IsEmpty || Parts.Select(part => part.Name).Distinct().Count() < Parts.Length)
            throw new ArgumentException("A sum needs at least one objective, each under a name of its own.");
    }

    /// <summary>The parts, in order.</summary>
    public ImmutableArray<ObjectivePart> Parts { get; }

    /// <inheritdoc/>
    public void Validate(Game game)
    {
        foreach (var part in Parts)
            part.Objective.Validate(game);
    }

    /// <inheritdoc/>
    public bool DrawsData(Game game) => Parts.Any(part => part.Objective.DrawsData(game));

    /// <inheritdoc/>
    public ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) =>
        ParameterTree.Join(Parts.Select(part => new NamedTree(part.Name, part.Objective.Init(players, dtype))));

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var players = new Dictionary<string, BoundNetwork>(input.Players);
        var buffers = new Dictionary<string, NamedTree>();
        var results = new List<ObjectiveResult>();
        foreach (var part in Parts)
        {
            var result = part.Objective.Evaluate(
                input with
                {
                    Players = players,
                    State = input.State.Child(part.Name),
                    Key = input.Key.Derive(part.Name),
                }
            );
            foreach (var changed in result.Buffers)
            {
                buffers[changed.Name] = changed;
                var player = players[changed.Name];
                players[changed.Name] = player with { State = player.State with { Buffers = changed.Tree } };
            }
            results.Add(result);
        }
        return new ObjectiveResult(
            results.Select(result => result.Loss).Aggregate((a, b) => a + b),
            [.. buffers.Values],
            ParameterTree.Join(Parts.Zip(results, (part, result) => new NamedTree(part.Name, result.State))),
            new Measurements([.. Parts.Zip(results).SelectMany(pair => Named(pair.First.Name, pair.Second))])
        );
    }

    static IEnumerable<NamedTensor> Named(string name, ObjectiveResult result) =>
        result.Measurements.Entries.Select(entry => entry with { Path = $"{name}/{entry.Path}" });

    /// <inheritdoc/>
    public bool Equals(SumObjective? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);
}
