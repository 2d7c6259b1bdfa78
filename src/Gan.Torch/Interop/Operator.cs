using System.Runtime.InteropServices;
using System.Text;
using static Gan.Torch.torch;

namespace Gan.Torch;

/// <summary>
/// An ATen operator, bound by the schema text it was written for. At first use the text is compared with the
/// dispatcher's, so a libtorch whose operator differs is refused by name and never called wrongly.
/// </summary>
internal sealed unsafe class Operator
{
    const int StackWords = 256;

    readonly int[] numberedPlaces;
    nint handle;

    Operator(string schema)
    {
        Schema = schema;
        var arguments = OperatorSchema.Arguments(schema);
        numberedPlaces = [.. Enumerable.Range(0, arguments.Count).Where(i => OperatorSchema.IsNumbered(arguments[i]))];
    }

    /// <summary>Binds an operator by its schema, for instance <c>aten::neg(Tensor self) -> Tensor</c>.</summary>
    public static Operator Bind(string schema) => new(schema);

    /// <summary>The schema text this binding was written for.</summary>
    public string Schema { get; }

    /// <summary>The operator's name with its overload, for instance <c>aten::add.Tensor</c>.</summary>
    public string Name => Schema[..Schema.IndexOf('(')];

    /// <summary>Calls an operator that returns one tensor.</summary>
    public Tensor Call(params ReadOnlySpan<Value> arguments)
    {
        nint result;
        Invoke(arguments, &result, 1);
        return new Tensor(result);
    }

    /// <summary>Calls an operator that returns two tensors.</summary>
    public (Tensor, Tensor) CallPair(params ReadOnlySpan<Value> arguments)
    {
        var results = stackalloc nint[2];
        Invoke(arguments, results, 2);
        return (new Tensor(results[0]), new Tensor(results[1]));
    }

    /// <summary>Calls with arguments of any kind and number and drops the results: what the fuzz test does.</summary>
    internal int Probe(params ReadOnlySpan<Value> arguments)
    {
        var results = stackalloc nint[8];
        var produced = Invoke(arguments, results, 8);
        for (var i = 0; i < produced; i++)
            new Tensor(results[i]).Dispose();
        return produced;
    }

    int Invoke(ReadOnlySpan<Value> arguments, nint* results, int capacity)
    {
        if (handle == 0)
            handle = Find();
        var words = 0;
        foreach (ref readonly var argument in arguments)
            words += argument.Words;
        if (words <= StackWords)
        {
            var stack = stackalloc long[words];
            return Invoke(arguments, stack, results, capacity);
        }
        fixed (long* heap = GC.AllocateUninitializedArray<long>(words, pinned: true))
            return Invoke(arguments, heap, results, capacity);
    }

    int Invoke(ReadOnlySpan<Value> arguments, long* lists, nint* results, int capacity)
    {
        var native = stackalloc NativeArgument[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            ref readonly var argument = ref arguments[i];
            native[i] = new NativeArgument { Kind = argument.Kind, Bits = argument.Bits };
            switch (argument.Reference)
            {
                case Tensor tensor:
                    native[i].Bits = tensor.Handle;
                    break;
                case Device device:
                    native[i].Count = device.index;
                    break;
                case long[] values:
                    native[i].Bits = (long)lists;
                    native[i].Count = values.Length;
                    foreach (var value in values)
                        *lists++ = value;
                    break;
                case Tensor[] tensors:
                    native[i].Bits = (long)lists;
                    native[i].Count = tensors.Length;
                    foreach (var tensor in tensors)
                        *lists++ = tensor.Handle;
                    break;
                case string text:
                    native[i].Bits = (long)lists;
                    native[i].Count = text.Length;
                    Encoding.ASCII.GetBytes(text, new Span<byte>(lists, text.Length));
                    lists += argument.Words;
                    break;
            }
        }
        RequireKnownNumbers(arguments);
        int produced;
        var failed = Native.gan_call(handle, native, arguments.Length, results, capacity, &produced);
        foreach (ref readonly var argument in arguments)
            GC.KeepAlive(argument.Reference);
        if (failed != 0)
            throw new TorchException($"{Name}({Describe(arguments)}): {Native.LastError()}");
        return produced;
    }

    // libtorch takes any integer for a dtype, a layout or a memory format, and reads past its tables for a wrong one.
    void RequireKnownNumbers(ReadOnlySpan<Value> arguments)
    {
        foreach (var place in numberedPlaces)
            if (
                place < arguments.Length
                && arguments[place].Kind == ArgumentKind.Int
                && !Enum.IsDefined((ScalarType)Math.Clamp(arguments[place].Bits, -1, sbyte.MaxValue))
            )
                throw new TorchException($"{Name}({Describe(arguments)}): {arguments[place]} is no dtype.");
    }

    nint Find()
    {
        const int capacity = 8192;
        var text = stackalloc byte[capacity];
        nint found;
        var name = Name;
        var dot = name.IndexOf('.');
        var failed = Native.gan_find(
            dot < 0 ? name : name[..dot],
            dot < 0 ? "" : name[(dot + 1)..],
            &found,
            text,
            capacity
        );
        if (failed != 0)
            throw new TorchException($"This libtorch has no operator {name}: {Native.LastError()}");
        var actual = Marshal.PtrToStringUTF8((nint)text)!;
        if (!OperatorSchema.Accepts(Schema, actual))
            throw new TorchException(
                $"The operator {name} of this libtorch is {actual}; Gan.Torch was written for {Schema}. "
                    + "Use a libtorch of version 1.13 to 2.x."
            );
        return found;
    }

    static string Describe(ReadOnlySpan<Value> arguments)
    {
        var parts = new List<string>();
        foreach (ref readonly var argument in arguments)
            parts.Add(argument.ToString());
        return string.Join(", ", parts);
    }
}

/// <summary>Compares the schema a binding was written for with the one a dispatcher prints.</summary>
internal static class OperatorSchema
{
    /// <summary>
    /// True when every argument written for is there with the same type and name, and all further ones have defaults.
    /// Symbolic sizes count as integers, and alias marks are passed over: they differ between versions.
    /// </summary>
    public static bool Accepts(string written, string actual)
    {
        var expected = Arguments(written);
        var present = Arguments(actual);
        return present.Count >= expected.Count
            && expected.Zip(present).All(pair => TypeAndName(pair.First) == TypeAndName(pair.Second))
            && present.Skip(expected.Count).All(argument => argument.Contains('='));
    }

    /// <summary>True for an argument that is a number in a table of libtorch's: a dtype, a layout, a memory format.</summary>
    internal static bool IsNumbered(string argument) =>
        argument.StartsWith("ScalarType", StringComparison.Ordinal)
        || argument.StartsWith("Layout", StringComparison.Ordinal)
        || argument.StartsWith("MemoryFormat", StringComparison.Ordinal);

    internal static IReadOnlyList<string> Arguments(string schema)
    {
        var open = schema.IndexOf('(');
        var list = new List<string>();
        var depth = 0;
        var start = open + 1;
        for (var i = open; i < schema.Length; i++)
        {
            if (schema[i] is '(' or '[')
                depth++;
            if (schema[i] is ')' or ']')
                depth--;
            if ((schema[i] == ',' && depth == 1) || depth == 0)
            {
                var argument = schema[start..i].Trim();
                if (argument is not ("" or "*"))
                    list.Add(argument);
                start = i + 1;
            }
            if (depth == 0)
                break;
        }
        return list;
    }

    static string TypeAndName(string argument)
    {
        var text = argument.Split('=')[0].Replace("SymInt", "int");
        var alias = text.IndexOf('(');
        if (alias >= 0)
            text = text.Remove(alias, text.IndexOf(')') - alias + 1);
        // A list's declared length, as in int[2], is a hint for single numbers and not part of its type.
        return System.Text.RegularExpressions.Regex.Replace(text, @"\[\d+\]", "[]").Trim();
    }
}
