module Gan.Experiments.Tests.Program

open Gan.Testing

[<EntryPoint>]
let main argv =
    [
        SpecTests.tests
        CombinationTests.tests
        DatasetTests.tests
        ArtifactTests.tests
        JournalTests.tests
        StoreTests.tests
        FilterTests.tests
        ServerTests.tests
        AnswerTests.tests
        SyncTests.tests
        MlflowTests.tests
        TlsTests.tests
        RunTests.tests
        SystemRunTests.tests
        CheckTests.tests
        DetectionTests.tests
        SamplerTests.tests
        PlannerTests.tests
        SweepTests.tests
        SlurmTests.tests
        StatisticsTests.tests
        ReportTests.tests
        ParityTests.tests
    ]
    |> Suite.run "Gan.Experiments" argv
