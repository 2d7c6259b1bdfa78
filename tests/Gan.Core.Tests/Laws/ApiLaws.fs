/// The rules of docs/fsharp.md, over every public member of the C# that F# calls.
module Gan.Core.Tests.ApiLaws

open System
open System.Reflection
open System.Runtime.CompilerServices
open Expecto
open Gan.Testing

let private flags =
    BindingFlags.Public
    ||| BindingFlags.Instance
    ||| BindingFlags.Static
    ||| BindingFlags.DeclaredOnly

let private types =
    [
        typeof<Gan.Core.Game>.Assembly
        typeof<Gan.Experiments.ExperimentRunner>.Assembly
    ]
    |> List.collect (fun assembly -> List.ofArray (assembly.GetExportedTypes()))
    |> List.filter (fun t -> not (typeof<Delegate>.IsAssignableFrom t))

/// What a compiler writes is not ours to name: records' own members and accessors.
let private written (method: MethodBase) =
    isNull (method.GetCustomAttribute<CompilerGeneratedAttribute>())
    && not method.IsSpecialName
    && method.Name <> "Deconstruct"

let private methods =
    [
        for t in types do
            for m in t.GetMethods flags do
                if written m then
                    t, (m :> MethodBase)

            for c in t.GetConstructors flags do
                t, (c :> MethodBase)
    ]

let private requireNone what (offenders: string list) =
    let list = String.Join("\n  ", offenders)
    Expect.holds offenders.IsEmpty $"{what}:\n  {list}"

let private name (t: Type, m: MethodBase) = $"{t.Name}.{m.Name}"

let private offenders condition =
    [
        for entry in methods do
            for parameter in (snd entry).GetParameters() do
                if condition parameter then
                    $"{name entry}, {parameter.Name}"
    ]

let tests =
    testList
        "Public members"
        [
            testCase "no parameter is by reference"
            <| fun () -> requireNone "by reference" (offenders _.ParameterType.IsByRef)

            testCase "no parameter of the core is optional"
            <| fun () ->
                [
                    for t, m in methods do
                        if t.Assembly = typeof<Gan.Core.Game>.Assembly && t.Name <> "Require" then
                            for parameter in m.GetParameters() do
                                if parameter.IsOptional then
                                    $"{t.Name}.{m.Name}, {parameter.Name}"
                ]
                |> requireNone "optional"

            testCase "no parameter has a name that F# must quote"
            <| fun () ->
                let reserved =
                    set
                        [
                            "to"
                            "type"
                            "val"
                            "end"
                            "base"
                            "begin"
                            "done"
                            "fixed"
                            "include"
                            "process"
                            "parallel"
                        ]

                requireNone "quoted in F#" (offenders (fun parameter -> reserved.Contains(string parameter.Name)))

            testCase "no method returns a tuple"
            <| fun () ->
                [
                    for t, m in methods do
                        match m with
                        | :? MethodInfo as m when typeof<ITuple>.IsAssignableFrom m.ReturnType -> $"{t.Name}.{m.Name}"
                        | _ -> ()
                ]
                |> requireNone "tuples"

            testCase "no property is a delegate or can be set after construction"
            <| fun () ->
                [
                    for t in types do
                        for p in t.GetProperties flags do
                            if typeof<Delegate>.IsAssignableFrom p.PropertyType then
                                $"{t.Name}.{p.Name} is a delegate"

                            match p.SetMethod with
                            | null -> ()
                            | set when not set.IsPublic -> ()
                            | set ->
                                let modifiers = set.ReturnParameter.GetRequiredCustomModifiers()

                                if not (modifiers |> Array.contains typeof<IsExternalInit>) then
                                    $"{t.Name}.{p.Name} can be set"
                ]
                |> requireNone "properties"

            testCase "every closed choice has a Match with one function for each of its cases"
            <| fun () ->
                let isClosed (t: Type) =
                    t.IsAbstract
                    && not t.IsSealed
                    && t.GetConstructors(BindingFlags.NonPublic ||| BindingFlags.Instance)
                       |> Array.exists _.IsPrivate

                let closed = types |> List.filter isClosed
                Expect.holds (closed.Length >= 6) $"{closed.Length} closed choices"

                [
                    for t in closed do
                        let cases =
                            t.GetNestedTypes()
                            |> Array.filter (fun case -> t.IsAssignableFrom case)
                            |> Array.map _.Name
                            |> set

                        let matched =
                            match t.GetMethod "Match" with
                            | null -> Set.empty
                            | m ->
                                m.GetParameters()
                                |> Array.map (fun parameter ->
                                    (Array.head (parameter.ParameterType.GetGenericArguments())).Name)
                                |> set

                        if cases <> matched then
                            t.Name
                ]
                |> requireNone "closed without Match"

            testCase "every record and class is sealed, abstract or static"
            <| fun () ->
                [
                    for t in types do
                        if t.IsClass && not t.IsSealed && not t.IsAbstract then
                            t.Name
                ]
                |> requireNone "open to inheritance"
        ]
