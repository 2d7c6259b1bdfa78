/// Calls every public function of Gan.Core, and every function of TorchSharp that it calls, with what does not fit: in a
/// process of its own, since the question is whether one of them ends it.
module Gan.Core.Tests.Misuse

open System
open System.Collections
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Reflection
open System.Reflection.Metadata
open System.Reflection.PortableExecutable
open TorchSharp
open Gan.Core

type private Tensor = torch.Tensor

/// How deep values are made of values.
let private deepest = 4

let private core = typeof<Game>.Assembly

let private instances =
    BindingFlags.Public ||| BindingFlags.Instance ||| BindingFlags.DeclaredOnly

let private publicOnes =
    BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance

let private statics =
    BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

/// Tensors of all kinds that can be wrong: shapes, element types, layouts, devices, without elements, not there any more.
let private tensors: (unit -> Tensor)[] =
    let dtypes =
        [|
            torch.float32
            torch.float64
            torch.int64
            torch.bool
            torch.complex64
            torch.float16
        |]

    [|
        for dtype in dtypes do
            for shape in
                [
                    [||]
                    [| 0L |]
                    [| 3L |]
                    [| 0L; 2L |]
                    [| 4L; 2L |]
                    [| 2L; 4L |]
                    [| 2L; 1L; 8L; 8L |]
                ] do
                fun () -> torch.ones (shape, dtype)
        fun () -> torch.ones(4L, 2L).t()
        fun () -> torch.ones(1L, 2L).expand(4L, 2L)
        fun () -> torch.ones (4L, 2L, requires_grad = true)
        fun () -> torch.ones (4L, 2L, requires_grad = true) * torch.tensor 2.0f
        fun () -> torch.ones (4L, 2L) * torch.tensor nan
        fun () -> torch.tensor [| 99L; -99L; 99L; -99L |]
        fun () -> torch.ones (4L, 2L, device = torch.device "meta")
        fun () -> torch.ones(4L, 2L).to_sparse()
        fun () ->
            let gone = torch.ones (4L, 2L)
            gone.Dispose()
            gone
    |]

/// The public classes and records that can be made and are of a type.
let private concrete: Type -> Type[] =
    let known = Dictionary<Type, Type[]>()

    fun wanted ->
        match known.TryGetValue wanted with
        | true, found -> found
        | _ ->
            let found =
                [|
                    for candidate in core.GetExportedTypes() do
                        if
                            wanted.IsAssignableFrom candidate
                            && not candidate.IsAbstract
                            && not candidate.IsGenericTypeDefinition
                            && candidate.GetConstructors().Length > 0
                        then
                            candidate
                |]

            known[wanted] <- found
            found

/// A value of a type; null where none can be made.
let rec private make (random: Random) depth (wanted: Type) : obj | null =
    let pick (values: 'a[]) = values[random.Next values.Length]
    let few most = random.Next(most + 1)

    let list (element: Type) =
        let values = Array.CreateInstance(element, few 3)

        for i in 0 .. values.Length - 1 do
            values.SetValue(make random (depth + 1) element, i)

        values

    if wanted = typeof<Tensor> then
        box (pick tensors ())
    elif wanted = typeof<int> then
        box (pick [| -1; 0; 1; 2; 3; 8 |])
    elif wanted = typeof<int64> then
        box (pick [| -1L; 0L; 1L; 2L; 3L; 8L |])
    elif wanted = typeof<float> then
        box (pick [| nan; infinity; -1.0; 0.0; 1e-3; 0.5; 1.0; 2.0 |])
    elif wanted = typeof<float32> then
        box (pick [| nanf; -1f; 0f; 0.5f |])
    elif wanted = typeof<bool> then
        box (random.Next 2 = 0)
    elif wanted = typeof<string> then
        box (pick [| ""; "a"; "weight"; "generator"; "0/weight"; "cpu"; "cuda:7"; "real" |])
    elif wanted = typeof<RandomKey> then
        box (RandomKey.FromSeed(int64 (few 5)))
    elif wanted = typeof<torch.Device> then
        box (torch.device (pick [| "cpu"; "meta" |]))
    elif wanted = typeof<Scalar> then
        Scalar.op_Implicit (pick [| nan; 0.0; 2.0 |]) |> box
    elif wanted = typeof<Stream> then
        new MemoryStream(Array.init (few 40) byte) |> box
    elif wanted.IsEnum then
        let values = Enum.GetValues wanted
        values.GetValue(random.Next values.Length)
    elif wanted.IsArray then
        list (nonNull (wanted.GetElementType()))
    elif depth > deepest then
        null
    elif wanted.IsGenericType then
        let definition, arguments =
            wanted.GetGenericTypeDefinition(), wanted.GetGenericArguments()

        if definition = typedefof<Nullable<_>> then
            if random.Next 2 = 0 then
                null
            else
                make random depth arguments[0]
        elif definition = typedefof<ImmutableArray<_>> then
            let create =
                typeof<ImmutableArray>.GetMethods()
                |> Array.find (fun method ->
                    let parameters = method.GetParameters()

                    method.Name = "Create"
                    && parameters.Length = 1
                    && parameters[0].ParameterType.IsArray)

            create.MakeGenericMethod(arguments).Invoke(null, [| list arguments[0] |])
        elif
            definition = typedefof<IReadOnlyList<_>>
            || definition = typedefof<IEnumerable<_>>
            || definition = typedefof<IList<_>>
            || definition = typedefof<IReadOnlyCollection<_>>
        then
            list arguments[0]
        elif definition.Name.StartsWith "ValueTuple" then
            Activator.CreateInstance(wanted, Array.map (make random (depth + 1)) arguments)
        else
            null
    elif wanted.Assembly = core then
        made random depth wanted
    else
        null

/// An instance of a public type of Gan.Core, by one of its constructors or static members, with what fits its types alone.
and private made random depth (wanted: Type) : obj | null =
    let makers: (unit -> obj | null)[] =
        [|
            for candidate in concrete wanted do
                for constructor in candidate.GetConstructors() do
                    fun () -> constructor.Invoke(arguments random (depth + 1) (constructor.GetParameters()))
            for property in wanted.GetProperties statics do
                if wanted.IsAssignableFrom property.PropertyType then
                    fun () -> property.GetValue null
            for creator in wanted.GetMethods statics do
                if
                    wanted.IsAssignableFrom creator.ReturnType
                    && not creator.IsSpecialName
                    && not creator.IsGenericMethodDefinition
                then
                    fun () -> creator.Invoke(null, arguments random (depth + 1) (creator.GetParameters()))
        |]

    let rec attempt left =
        if left = 0 || makers.Length = 0 then
            null
        else
            try
                makers[random.Next makers.Length]()
            with
            | :? TargetInvocationException
            | :? ArgumentException -> attempt (left - 1)

    attempt 5

and private arguments random depth (parameters: ParameterInfo[]) =
    parameters
    |> Array.map (fun parameter ->
        if parameter.HasDefaultValue && random.Next 2 = 0 then
            Type.Missing
        else
            make random depth parameter.ParameterType)

/// What can be called with values that are made: no pointers, no spans.
let private callable (method: MethodBase) =
    not method.ContainsGenericParameters
    && (match method with
        | :? MethodInfo as method -> not method.ReturnType.IsByRefLike
        | _ -> true)
    && method.GetParameters()
       |> Array.forall (fun parameter ->
           not parameter.ParameterType.IsByRef
           && not parameter.ParameterType.IsPointer
           && not parameter.ParameterType.IsByRefLike)

/// The public functions of Gan.Core.
let private ofCore: MethodBase[] =
    [|
        for owner in core.GetExportedTypes() do
            if not owner.IsGenericTypeDefinition && not owner.IsInterface then
                for method in owner.GetMethods(statics ||| instances) do
                    // Threads and the like are settings of the process.
                    if callable method && method.Name <> "SetThreads" && method.Name <> "Dispose" then
                        method

                if not owner.IsAbstract then
                    for constructor in owner.GetConstructors() do
                        constructor
    |]

/// The functions of TorchSharp that Gan.Core's code names, in all their overloads.
let private ofTorchSharp: MethodBase[] =
    use file = File.OpenRead core.Location
    use image = new PEReader(file)
    let reader = image.GetMetadataReader()

    let rec nameOf (handle: EntityHandle) =
        match handle.Kind with
        | HandleKind.TypeReference ->
            let reference =
                reader.GetTypeReference(TypeReferenceHandle.op_Explicit handle: TypeReferenceHandle)

            let name = reader.GetString reference.Name

            match reference.ResolutionScope.Kind with
            | HandleKind.TypeReference -> $"{nameOf reference.ResolutionScope}+{name}"
            | _ -> $"{reader.GetString reference.Namespace}.{name}"
        | _ -> ""

    let named =
        set
            [
                for handle in reader.MemberReferences do
                    let member' = reader.GetMemberReference handle

                    if member'.Parent.Kind = HandleKind.TypeReference then
                        nameOf member'.Parent, reader.GetString member'.Name
            ]

    [|
        for owner, name in named do
            match typeof<torch>.Assembly.GetType owner with
            | null -> ()
            | found when name <> ".ctor" && not (name.StartsWith "set_num_") && name <> "Dispose" ->
                for method in found.GetMember(name, publicOnes) do
                    match method with
                    | :? MethodInfo as method when callable method -> method
                    | _ -> ()
            | _ -> ()
    |]

/// Iterators and sequences do their work when they are gone through.
let private exhaust (result: obj | null) =
    match result with
    | :? string -> ()
    | :? IEnumerable as values ->
        for _ in Seq.truncate 100 (Seq.cast<obj> values) do
            ()
    | _ -> ()

/// Calls each function some times; writes its name before, so that the last name is that of the one that ended the process.
let run (times: int) =
    Engine.Start()
    let functions = Array.append ofCore ofTorchSharp
    let mutable calls, returned = 0, 0

    for number, function' in Seq.indexed functions do
        Console.Out.WriteLine $"{function'.DeclaringType}.{function'}"
        Console.Out.Flush()

        for time in 1..times do
            let random = Random(1000 * number + time)
            use _ = torch.NewDisposeScope()

            try
                let values = arguments random 0 (function'.GetParameters())

                let result: obj | null =
                    match function' with
                    | :? ConstructorInfo as constructor -> constructor.Invoke values
                    | _ when function'.IsStatic -> function'.Invoke(null, values)
                    | _ ->
                        match make random 0 (nonNull function'.DeclaringType) with
                        | null -> null
                        | instance -> function'.Invoke(instance, values)

                exhaust result
                returned <- returned + 1
            with
            | :? TargetInvocationException
            | :? ArgumentException
            | :? InvalidOperationException
            | :? System.Runtime.InteropServices.ExternalException
            | :? EngineException -> ()

            calls <- calls + 1

    Console.Out.WriteLine $"{functions.Length} functions, {calls} calls, {returned} returned"
