/// C# with empty bodies: TorchSharp from the list of its signatures, and what Gan has beside it from its own.
module Gan.Api.Tests.EmptyBodies

open System
open System.Reflection

/// A member's signature with a body that does nothing.
let private withBody (signature: string) =
    let signature = signature.Trim()

    if signature.StartsWith "enum " then
        $"public {signature}"
    elif signature.EndsWith '}' then
        let accessors =
            signature.Replace("get;", "get => throw null!;").Replace("set;", "set => throw null!;")

        $"public {accessors}"
    else
        $"public {signature} => throw null!;"

/// The sections of a list: a type's name, and its members.
let sections (list: string) =
    let folder (sections: (string * string list) list) (line: string) =
        match line.Trim(), sections with
        | "", _ -> sections
        | text, _ when text.StartsWith '#' -> sections
        | text, _ when text.StartsWith '[' -> (text.Trim('[', ']'), []) :: sections
        | text, (name, members) :: rest -> (name, text :: members) :: rest
        | text, [] -> failwith $"no heading above: {text}"

    list.Split '\n' |> Array.fold folder [] |> List.rev

let private disposable = set [ "torch.Tensor"; "Scalar"; "DisposeScope" ]

let private declaration (name: string) =
    let parts = name.Split '.'
    let simple = Array.last parts
    let bases = if disposable.Contains name then " : IDisposable" else ""

    let kind =
        match name with
        | "torch"
        | "torch.autograd"
        | "torch.nn.functional" -> "static partial class"
        | _ -> "sealed partial class"

    let opening =
        [
            for outer in Array.take (parts.Length - 1) parts do
                $"public static partial class {outer} {{"

            $"public {kind} {simple}{bases} {{"
        ]

    String.concat " " opening, String.replicate parts.Length "}"

/// TorchSharp, from the list.
let torchSharp (list: string) =
    String.concat
        "\n"
        [
            "#nullable enable"
            "#pragma warning disable CS0660, CS0661, CS8625, CS8981, CS1591"
            "using System; using System.Collections.Generic; using static TorchSharp.torch;"
            "namespace TorchSharp;"
            "public enum DeviceType { CPU = 0, CUDA = 1 }"
            for name, members in sections list do
                let opening, closing = declaration name
                opening
                yield! List.map withBody members
                closing
        ]

let rec private typeName (t: Type) =
    match t with
    | t when t.IsArray -> $"{typeName (nonNull (t.GetElementType()))}[]"
    | t when t = typeof<Void> -> "void"
    | t when t.IsGenericParameter -> t.Name
    | t when t.FullName <> null && (nonNull t.FullName).StartsWith "System.ValueTuple" ->
        let parts = t.GetGenericArguments() |> Array.map typeName
        $"""({String.concat ", " parts})"""
    | t when t.IsGenericType ->
        let parts = t.GetGenericArguments() |> Array.map typeName
        $"""{t.Name[.. t.Name.IndexOf '`' - 1]}<{String.concat ", " parts}>"""
    | t -> t.Name

let private parameter (p: ParameterInfo) =
    let given = if p.HasDefaultValue then " = default" else ""
    $"{typeName p.ParameterType} {p.Name}{given}"

let private signature (m: MethodInfo) =
    let generic, where =
        if m.IsGenericMethod then
            "<T>", " where T : unmanaged"
        else
            "", ""

    let parameters = m.GetParameters() |> Array.map parameter |> String.concat ", "

    let first =
        if m.IsDefined typeof<Runtime.CompilerServices.ExtensionAttribute> then
            "this "
        else
            ""

    $"public static {typeName m.ReturnType} {m.Name}{generic}({first}{parameters}){where} => throw null!;"

/// Static classes of ours, from their public members.
let ours (types: Type list) =
    let flags =
        BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

    String.concat
        "\n"
        [
            "#pragma warning disable CS1591"
            "using System; using TorchSharp; using static TorchSharp.torch;"
            "namespace Gan.Torch;"
            for t in types do
                $"public static class {t.Name} {{"

                for m in t.GetMethods flags do
                    if not m.IsSpecialName then
                        signature m

                for p in t.GetProperties flags do
                    $"public static {typeName p.PropertyType} {p.Name} => throw null!;"

                "}"
        ]
