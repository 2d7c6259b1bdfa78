namespace Gan.Experiments;

/// <summary>Names that specs had before, and what they are called now.</summary>
internal static class RenamedKeys
{
    static readonly (string Old, string New)[] names =
    [
        ("critic", "discriminator"),
        ("critic_optimizer", "discriminator_optimizer"),
        ("critic_steps", "discriminator_steps"),
        ("weight", "coefficient"),
        ("real_weight", "real_coefficient"),
        ("fake_weight", "fake_coefficient"),
        ("share", "alpha"),
        ("share", "fraction"),
        ("rate", "learning_rate"),
        ("rate", "gain"),
        ("rate", "step_size"),
        ("rate", "factor"),
        ("rate", "sample_rate"),
        ("colour", "color"),
        ("zero_centred", "zero_centered"),
    ];

    /// <summary>The new name of an old one, where it is among the valid names; null for any other name.</summary>
    public static string? NewNameOf(string old, IEnumerable<string> valid) =>
        names.FirstOrDefault(name => name.Old == old && valid.Contains(name.New)).New;

    /// <summary>The old names of a new one.</summary>
    public static IEnumerable<string> OldNamesOf(string name) =>
        names.Where(known => known.New == name).Select(known => known.Old);
}
