module Gan.Torch.Tests.OperatorTests

open System
open System.Diagnostics
open System.Reflection
open NUnit.Framework
open Gan.Torch
open Gan.Testing

/// Every operator that Gan.Torch binds.
let operators =
    [
        for field in typeof<Operators>.GetFields(BindingFlags.Static ||| BindingFlags.Public) do
            nonNull (field.GetValue null) :?> Operator
    ]

[<Test>]
let ``every binding has the schema that this libtorch has`` () =
    for operator in operators do
        // A call with nothing finds the operator, compares the schemas, and then fails for want of arguments.
        let failure =
            Expect.failure<TorchException>(fun () -> operator.Probe(ReadOnlySpan()) |> ignore)

        Expect.contains operator.Name failure.Message

[<Test>]
let ``no binding draws from a random generator`` () =
    for operator in operators do
        Expect.lacks "Generator" operator.Schema

        for drawing in
            [
                "rand"
                "dropout"
                "bernoulli"
                "multinomial"
                "normal"
                "poisson"
                "exponential"
            ] do
            Expect.lacks drawing operator.Name

[<TestCase("aten::add(Tensor self, int x)", "aten::add(Tensor self, SymInt x) -> Tensor", true)>]
[<TestCase("aten::sum(Tensor self, int[1]? dim)",
           "aten::sum(Tensor self, int[]? dim, bool keepdim=False) -> Tensor",
           true)>]
[<TestCase("aten::view(Tensor(a) self, int[] size)", "aten::view(Tensor(a -> *) self, SymInt[] size) -> Tensor", true)>]
[<TestCase("aten::f(Tensor self)", "aten::f(Tensor self, int x) -> Tensor", false)>]
[<TestCase("aten::f(Tensor self, float x)", "aten::f(Tensor self, int x) -> Tensor", false)>]
[<TestCase("aten::f(Tensor self, int x)", "aten::f(Tensor self) -> Tensor", false)>]
let ``a schema is accepted when what was written for is there and the rest has defaults``
    (written, actual, accepted: bool)
    =
    Expect.equal (accepted) (OperatorSchema.Accepts(written, actual))

[<Test>]
let ``an error names the operator, what it was given, and libtorch's reason`` () =
    let a = torch.zeros [| 2L; 3L |]
    let b = torch.zeros [| 4L; 5L |]
    let failure = Expect.failure<TorchException>(fun () -> a.matmul b |> ignore)
    Expect.contains "aten::matmul(Float32[2, 3], Float32[4, 5])" failure.Message
    Expect.contains "shapes cannot be multiplied" failure.Message
    Expect.lacks "frame #" failure.Message

/// Arguments of every kind, for calls that make no sense.
let private hostile (random: Random) : Value =
    match random.Next 14 with
    | 0 -> Value.None
    | 1 -> Value.op_Implicit (torch.zeros [| 0L |])
    | 2 -> Value.op_Implicit (torch.zeros ([| 2L; 3L |], torch.ScalarType.Int64))
    | 3 -> Value.op_Implicit (torch.ones [| 2L; 3L; 4L; 5L |])
    | 4 -> Value.op_Implicit (torch.tensor [| true |])
    | 5 -> Value.op_Implicit (random.NextInt64())
    | 6 -> Value.op_Implicit -1L
    | 7 -> Value.op_Implicit Double.NaN
    | 8 -> Value.op_Implicit [| -1L; Int64.MaxValue |]
    | 9 -> Value.op_Implicit ([||]: int64 array)
    | 10 -> Value.op_Implicit [| torch.zeros [| 1L |]; torch.ones ([| 2L |], torch.ScalarType.Float64) |]
    | 11 -> Value.op_Implicit "none"
    | 12 -> Value.op_Implicit (random.Next 2 = 0)
    | _ -> Value.op_Implicit (torch.tensor 1.0)

/// Calls every binding with wrong numbers and kinds of arguments; each call returns or throws TorchException.
let fuzz rounds =
    for round in 1..rounds do
        let random = Random round

        for operator in operators do
            use _ = torch.NewDisposeScope()
            let arguments = [| for _ in 1 .. random.Next 7 -> hostile random |]

            try
                operator.Probe(ReadOnlySpan arguments) |> ignore
            with :? TorchException ->
                ()

[<Test>]
let ``no call with wrong arguments ends the process`` () =
    // Some calls ask for more memory than there is; a bound makes them fail at once.
    let info = ProcessStartInfo("/bin/sh", RedirectStandardError = true)
    let assembly = Assembly.GetExecutingAssembly().Location

    for argument in [ "-c"; "ulimit -v 20000000; exec dotnet \"$0\" fuzz"; assembly ] do
        info.ArgumentList.Add argument

    use child = nonNull (Process.Start info)
    let error = child.StandardError.ReadToEnd()
    child.WaitForExit()
    Expect.holds (child.ExitCode = 0) $"exit code {child.ExitCode}: {error}"
