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

    const int VersionNeeds = 0x6ffffffe;
    const int WeakFlag = 2;

    /// <summary>Sets the weak flag of the version in the table of needed versions (section .gnu.version_r).</summary>
    /// <param name="elf">A 64-bit little-endian ELF file; it is changed in place.</param>
    /// <param name="version">The version's name.</param>
    public static void Weaken(Span<byte> elf, string version)
    {
        ReadOnlySpan<byte> name = Encoding.ASCII.GetBytes(version + '\0');
        var (sections, size, sectionCount) = (Offset(elf, 0x28), Short(elf, 0x3a), Short(elf, 0x3c));
        for (var header = sections; header < sections + sectionCount * size; header += size)
        {
            if (Int(elf, header + 4) != VersionNeeds)
                continue;
            var link = sections + Int(elf, header + 0x28) * size;
            var names = Offset(elf, link + 0x18);
            for (int file = Offset(elf, header + 0x18), next; ; file += next)
            {
                var count = Short(elf, file + 2);
                var entry = file + Int(elf, file + 8);
                for (var i = 0; i < count; i++)
                {
                    if (elf[(names + Int(elf, entry + 8))..].StartsWith(name))
                        elf[entry + 4] |= WeakFlag;
                    entry += Int(elf, entry + 12);
                }
                next = Int(elf, file + 12);
                if (next == 0)
                    break;
            }
        }
    }

    static int Short(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf[at..]);

    static int Int(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadInt32LittleEndian(elf[at..]);

    static int Offset(ReadOnlySpan<byte> elf, int at) => (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[at..]);
}
