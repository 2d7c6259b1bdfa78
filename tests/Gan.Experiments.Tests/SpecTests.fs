module Gan.Experiments.Tests.SpecTests

open System.IO
open Expecto
open Gan.Experiments
open Gan.Testing

/// The smallest spec: what has no default.
let smallest =
    """steps: 10
data: ring
generator: {kind: mlp, widths: [8]}
discriminator: {kind: mlp, widths: [8]}
loss: hinge
generator_optimizer: adam
discriminator_optimizer: adam
"""

let read assignments =
    ExperimentSpec.Read(SpecDocument.Parse("test.yaml", smallest).WithAssignments assignments)

let private readText text =
    ExperimentSpec.Read(SpecDocument.Parse("test.yaml", text))

let private refusal read =
    (Expect.failure<SpecException>(fun () -> read () |> ignore)).Message

/// Every spec and sweep of the repository; a sweep names the spec that it varies.
let private files =
    Directory.GetFiles(Path.Combine(Places.root, "experiments"), "*.yaml", SearchOption.AllDirectories)
    |> Array.sort
    |> Array.partition (fun file -> File.ReadLines file |> Seq.exists _.StartsWith("spec:"))

let private relative =
    Array.map (fun file -> Path.GetRelativePath(Places.root, file))

let private sweeps = relative (fst files)

let private specs = relative (snd files)

let private catalogs = [ for catalog in Catalogs.BuiltIn.All -> catalog.What ]

let tests =
    testList
        "Spec"
        [
            testList
                "every sweep of the repository can be read"
                [
                    for file in sweeps do
                        testCase file
                        <| fun () ->
                            let sweep = SweepSpec.Load(Path.Combine(Places.root, file), [])
                            Expect.holds (sweep.Base.Tracking.Store <> null) "a sweep is kept in a store"
                ]

            testList
                "every spec of the repository can be read, and its canonical form reads as the same"
                [
                    for file in specs do
                        testCase file
                        <| fun () ->
                            let file = Path.Combine(Places.root, file)
                            let text = File.ReadAllText(file).Replace("../shared/data", "somewhere")
                            let spec = ExperimentSpec.Read(SpecDocument.Parse(file, text))

                            let again =
                                ExperimentSpec.Read(SpecDocument.Parse(file, spec.Canonical.ToJsonString()))

                            Expect.equal spec.SpecHash again.SpecHash
                ]

            testList
                "every entry of a catalog has a summary and tells its parameters"
                [
                    for what in catalogs do
                        testCase what
                        <| fun () ->
                            let catalog = Catalogs.BuiltIn.All |> Seq.find (fun catalog -> catalog.What = what)

                            for line in catalog.Lines do
                                Expect.holds (line.Summary <> "") $"{line.Name} has no summary"
                ]

            testCase "every loss, penalty, rule and optimizer can be named with its defaults"
            <| fun () ->
                for entry in LossCatalog.Losses.Entries do
                    // An autoencoder's output has all that a loss may read, but for the logits of classes.
                    if entry.Name <> "multi_hinge" then
                        read [ $"loss={entry.Name}"; "discriminator=autoencoder" ] |> ignore

                read
                    [
                        "loss=multi_hinge"
                        "data.kind=ring"
                        "data.labels=true"
                        "discriminator.outputs=9"
                    ]
                |> ignore

                for entry in PenaltyCatalog.Penalties.Entries do
                    read [ $"penalties=[{entry.Name}]" ] |> ignore

                for entry in PenaltyCatalog.GeneratorPenalties.Entries do
                    read [ $"generator_penalties=[{entry.Name}]" ] |> ignore

                for entry in NetworkCatalog.Discriminators.Entries do
                    if entry.Name <> "dcgan" then
                        read [ $"discriminator={entry.Name}" ] |> ignore

                for entry in RuleCatalog.Rules.Entries do
                    read [ $"rule={entry.Name}" ] |> ignore

                for entry in OptimizerCatalog.Optimizers.Entries do
                    read [ $"discriminator_optimizer={entry.Name}" ] |> ignore

            testList
                "wrong values are refused with file, line and what is right"
                [
                    for line, sentence in
                        [
                            "los: hinge", "there is no key 'los'; did you mean 'loss'?"
                            "batch: many", "batch: must be a whole number; got 'many'"
                            "batch: 0", "batch: must be a whole number from 1 to 1000000; got 0"
                            "batch: [1]", "batch: must be a whole number; got a list"
                            "dtype: float16", "dtype: must be float32 or float64"
                            "threads: -1", "threads: must be auto or a whole number"
                            "average: 1.5", "Decay must be a number from 0 to below 1; got 1.5"
                            "penalties: [{kind: r1, gama: 1}]",
                            "there is no key 'penalties.gama'; did you mean 'gamma'?"
                            "penalties: [{kind: r1, gamma: -1}]", "Gamma must be a number of at least 0; got -1"
                            "penalties: r1", "penalties: must be a list of penalties"
                            "penalties: [{kind: lazy, inner: weight_clipping}]",
                            "must be a penalty; a constraint holds at every step"
                            "augmentations: [diff_augment]", "DiffAugment changes images; the data is vector[2]"
                            "rule: alternate", "did you mean 'alternating'?"
                            "tracking: {kind: sqlit}", "did you mean 'sqlite'?"
                            "discriminator_steps: 2\nrule: simultaneous", "repeats 2 times"
                        ] do
                        testCase (line.ReplaceLineEndings "; ")
                        <| fun () ->
                            let message = refusal (fun () -> readText (smallest + line))
                            Expect.contains sentence message
                            Expect.holds (message.StartsWith "test.yaml:") message
                ]

            testCase "a value from the command line is refused by its assignment"
            <| fun () ->
                let message = refusal (fun () -> read [ "loss=hing" ])
                Expect.holds (message.StartsWith "--set loss=hing: ") message
                Expect.contains "did you mean 'hinge'?" message

            testList
                "parts that do not fit together are refused"
                [
                    for assignment, sentence in
                        [
                            "loss=began",
                            "discriminator: The loss BoundaryEquilibrium needs a discriminator that reconstructs points"
                            "loss={kind: label_smoothing, inner: relativistic_paired}",
                            "must be a loss that costs each point by its own logit"
                            "loss=multi_hinge", "data: The loss MultiHinge needs labels, which this data does not have"
                            "discriminator={kind: packed, pack: 3}", "a batch that is a multiple of 3; got 64 points"
                        ] do
                        testCase assignment
                        <| fun () -> Expect.contains sentence (refusal (fun () -> read [ assignment ]))
                ]

            testList
                "an old name is refused by the new one"
                [
                    for assignment, sentence in
                        [
                            "critic_steps=2", "it is now called 'discriminator_steps'"
                            "penalties=[{kind: wgan_gp, weight: 1}]", "it is now called 'coefficient'"
                            "penalties=[zero_centred]", "it is now called 'zero_centered'"
                            "rule={kind: unrolled, rate: 0.1}", "it is now called 'learning_rate'"
                        ] do
                        testCase assignment
                        <| fun () -> Expect.contains sentence (refusal (fun () -> read [ assignment ]))
                ]

            testCase "the old name of what must be there is refused by the new one"
            <| fun () ->
                let old = smallest.Replace("discriminator: {kind", "critic: {kind")
                Expect.contains "test.yaml:" (refusal (fun () -> readText old))
                Expect.contains "'critic' is now called 'discriminator'" (refusal (fun () -> readText old))

            testList
                "a system refuses data, networks and losses that it makes no sense of, at the key to change"
                [
                    for assignments, sentence in
                        [
                            [ "system=conditional_gan" ], "data: system conditional_gan needs data with a condition"
                            [ "data={kind: ring, labels: true}" ], "data: the data gives label[], which nothing reads"
                            [ "generator={kind: mlp, condition: concatenate}" ],
                            "generator: This network is to be conditioned, but the data gives no condition"
                            [
                                "system=conditional_gan"
                                "data={kind: ring, labels: true}"
                                "discriminator={kind: mlp, condition: none}"
                            ],
                            "discriminator: it takes no condition"
                            [
                                "system=conditional_gan"
                                "data={kind: ring, labels: true}"
                                "discriminator={kind: packed}"
                            ],
                            "discriminator: it takes no condition"
                            [
                                "system=conditional_gan"
                                "data={kind: ring, labels: true}"
                                "discriminator={kind: mlp, condition: normalize}"
                            ],
                            "discriminator: This network cannot be conditioned by 'normalize'"
                            [ "system=bigan" ], "encoder is missing"
                            [ "system=bigan"; "encoder=mlp"; "loss=fisher" ],
                            "loss: The loss Fisher gives an encoder nothing"
                            [ "system=bigan"; "encoder={kind: mlp, condition: none}" ], "encoder: "
                            [ "system=cyclegan" ], "data: system cyclegan needs data of two parts"
                            [
                                "system=cyclegan"
                                "data={kind: pair, first: ring, second: grid}"
                                "generator_penalties=[path_length]"
                            ],
                            "generator_penalties: PathLength needs a generator with latents"
                        ] do
                        testCase (String.concat ", " assignments)
                        <| fun () -> Expect.contains sentence (refusal (fun () -> read assignments))
                ]

            testCase "what is missing is named"
            <| fun () ->
                Expect.contains "data is missing" (refusal (fun () -> readText "steps: 3"))
                Expect.contains "data.folder is missing" (refusal (fun () -> read [ "data=mnist" ]))

            testList
                "what is no spec is refused"
                [
                    for text, sentence in
                        [
                            "a: &x 1\nb: *x", "no anchors"
                            "steps: 1\nsteps: 2", "this is not YAML"
                            "a: [", "this is not YAML"
                            "- 1", "one YAML mapping"
                            "", "one YAML mapping"
                        ] do
                        testCase ($"'{text}'".ReplaceLineEndings "; ")
                        <| fun () -> Expect.contains sentence (refusal (fun () -> readText text))
                ]

            testCase "deep and large files are refused"
            <| fun () ->
                Expect.contains "levels deep" (refusal (fun () -> readText ("a: " + String.replicate 2000 "[")))
                let file = Path.Combine(Places.newFolder (), "large.yaml")
                File.WriteAllText(file, String.replicate 300_000 "# x\n")
                Expect.contains "at most" (refusal (fun () -> SpecDocument.Load file))

            propertyOf 300 "any text is read or refused, and nothing else"
            <| fun (text: string) ->
                try
                    readText (smallest + string text) |> ignore
                with :? SpecException ->
                    ()

            testCase "assignments make levels, and open short forms"
            <| fun () ->
                let spec =
                    read [ "data.modes=5"; "penalties=[{kind: r1, gamma: 3}]"; "checkpoints.every=7" ]

                Expect.equal "5" spec.Parameters["data.modes"]
                Expect.equal "3" spec.Parameters["penalties.0.gamma"]
                Expect.equal 7 spec.Checkpoints.Every

                Expect.contains
                    "key=value"
                    (Expect.failure<SpecException>(fun () -> read [ "steps" ] |> ignore)).Message

            testCase "the dynamics hash sees what can change a weight, and nothing else"
            <| fun () ->
                let own = (read []).DynamicsHash

                for inert in
                    [
                        "name=other"
                        "notes=x"
                        "experiment=e"
                        "steps=99"
                        "log_every=3"
                        "samples.every=5"
                        "evaluation.points=9"
                        "checkpoints.keep=7"
                        "threads=2"
                        "tracking=none"
                    ] do
                    let assignment =
                        if inert = "tracking=none" then
                            "tracking.kind=none"
                        else
                            inert

                    Expect.equal own (read [ assignment ]).DynamicsHash

                for active in
                    [
                        "seed=2"
                        "batch=32"
                        "loss=minimax"
                        "data.modes=7"
                        "discriminator_optimizer.beta1=0.1"
                        "device=cpu"
                        "average=0.9"
                    ] do
                    Expect.holds (own <> (read [ active ]).DynamicsHash) $"{active} does not change the hash"

                Expect.equal
                    [ "loss.kind"; "seed" ]
                    (List.ofSeq ((read []).DynamicsDifferences(read [ "seed=2"; "loss=minimax"; "name=n" ]))
                     |> List.sort)

            testList
                "the distance of words counts edits and swaps"
                [
                    for a, b, distance in
                        [
                            "hing", "hinge", 1
                            "hnige", "hinge", 1
                            "", "abc", 3
                            "kitten", "sitting", 3
                        ] do
                        testCase $"'{a}' and '{b}'"
                        <| fun () -> Expect.equal distance (NearestName.Distance(a, b))
                ]
        ]
