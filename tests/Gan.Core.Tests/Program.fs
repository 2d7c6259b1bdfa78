module Gan.Core.Tests.Program

open Gan.Testing

[<EntryPoint>]
let main argv =
    match argv with
    | [| argument; times |] when argument = MisuseTests.argument ->
        Misuse.run (int times)
        0
    | _ ->
        [
            PhiloxTests.tests
            GradientTests.tests
            KernelTests.tests
            ChainTests.tests
            ScopeTests.tests
            ScalarTests.tests
            MisuseTests.tests
            SafetensorsTests.tests
            ParameterTests.tests
            LayerReferenceTests.tests
            LayerLaws.tests
            LossLaws.tests
            PenaltyLaws.tests
            StabiliserLaws.tests
            OptimizerLaws.tests
            ApiLaws.tests
            GameTests.tests
            LifetimeTests.tests
            SystemTests.tests
            DiracTests.tests
            DynamicsTests.tests
            EvaluationTests.tests
            Examples.tests
        ]
        |> Suite.run "Gan.Core" argv
