using System.Buffers.Binary;
using System.Text;

namespace Gan.Core;

/// <summary>
/// Makes a version of symbols that an ELF library asks for weak: the loader then does without it where the system's
/// library is older. Right only where none of the symbols is called.
/// </summary>
internal static class WeakVersion
{
    /// <summary>
    /// The version that the C++ library of GCC 13 brought. A library built by GCC 13 asks for it for the sake of
    /// <c>std::ios_base_library_init</c>, which nothing calls.
    /// </summary>
    public const string OfGcc13 = "GLIBCXX_3.4.32";

    const uint VersionNeeds = 0x6ffffffe;
    const int WeakFlag = 2;

    /// <summary>Sets the weak flag of the version in the table of needed versions (section .gnu.version_r).</summary>
    /// <param name="elf">A 64-bit little-endian ELF file; it is changed in place.</param>
    /// <param name="version">The version's name.</param>
    /// <returns>Whether the file asks for that version.</returns>
    public static bool Weaken(Span<byte> elf, string version)
    {
        var found = false;
        var sections = Sections(elf);
        foreach (var (type, offset, link) in sections)
        {
            if (type != VersionNeeds)
                continue;
            var names = sections[link].Offset;
            for (int file = offset, next; ; file += next)
            {
                var count = BinaryPrimitives.ReadUInt16LittleEndian(elf[(file + 2)..]);
                var entry = file + Int(elf, file + 8);
                for (var i = 0; i < count; i++)
                {
                    if (NameAt(elf, names + Int(elf, entry + 8)) == version)
                    {
                        elf[entry + 4] |= WeakFlag;
                        found = true;
                    }
                    entry += Int(elf, entry + 12);
                }
                next = Int(elf, file + 12);
                if (next == 0)
                    break;
            }
        }
        return found;
    }

    sealed record Section(uint Type, int Offset, int Link);

    static List<Section> Sections(ReadOnlySpan<byte> elf)
    {
        var table = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[0x28..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3a..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3c..]);
        var sections = new List<Section>();
        for (var i = 0; i < count; i++)
        {
            var header = elf[(table + i * size)..];
            sections.Add(
                new Section(
                    BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
                    (int)BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]),
                    BinaryPrimitives.ReadInt32LittleEndian(header[0x28..])
                )
            );
        }
        return sections;
    }

    static int Int(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadInt32LittleEndian(elf[at..]);

    static string NameAt(ReadOnlySpan<byte> elf, int at)
    {
        var rest = elf[at..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
