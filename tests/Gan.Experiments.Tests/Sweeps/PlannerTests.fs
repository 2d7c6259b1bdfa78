/// What a sweep decides: the same again from the same history, and in the end every run that it was to make.
module Gan.Experiments.Tests.PlannerTests

open System
open System.Collections.Generic
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Gan.Experiments
open Gan.Testing

let private experiment =
    """steps: 900
data: ring
generator: {kind: mlp, widths: [16]}
discriminator: {kind: mlp, widths: [16]}
loss: hinge
generator_optimizer: adam
discriminator_optimizer: adam
evaluation: {every: 100, points: 50}
"""

let private head =
    """spec: base.yaml
metric: {name: evaluation/modes, goal: maximize}
parameters:
  loss: {values: [hinge, wasserstein, least_squares]}
  discriminator_optimizer.learning_rate: {distribution: log_uniform_values, min: 0.0001, max: 0.01}
"""

let private load (text: string) =
    let folder = Places.newFolder ()
    File.WriteAllText(Path.Combine(folder, "base.yaml"), experiment)
    let file = Path.Combine(folder, "sweep.yaml")
    File.WriteAllText(file, text)
    SweepSpec.Load(file, [])

let private specs =
    [
        testCase "what is set is set whole, and a value is one value"
        <| fun () ->
            let set = "set: {generator.widths: [8, 9], notes: \"a: b # c\"}\nrun_cap: 3\n"
            let parameters = "parameters:\n  discriminator.widths: {value: [4, 5]}\n"

            let spec =
                load (
                    "spec: base.yaml\nmetric: {name: discriminator/loss}\nseeds: 2\n"
                    + set
                    + parameters
                )

            Expect.equal "[8,9]" spec.Base.Parameters["generator.widths"]
            Expect.equal "a: b # c" spec.Base.Notes
            Expect.equal [ "[4,5]" ] (List.ofSeq (spec.Parameters[0] :?> SweepParameter.Choice).Values)

        testCase "runs of as many steps as they are told are not stopped at the base's"
        <| fun () ->
            let text =
                "spec: base.yaml\nmetric: {name: discriminator/loss}\nrun_cap: 4\nparameters: {steps: {values: [10, 2000]}}\n"

            Expect.equal Int64.MaxValue (SweepPlanner(load text, "sweep").StepsTo 0)

            let halved =
                Expect.failure<SpecException>(fun () -> load (text + "early_terminate: {min_iter: 100}\n") |> ignore)

            Expect.contains "steps is no parameter beside it" halved.Message

        testCase "halving looks no sooner than the metric is logged"
        <| fun () ->
            let text =
                head.Replace("evaluation/modes", "discriminator/loss")
                + "run_cap: 3\nearly_terminate: {min_iter: 5}\n"

            Expect.contains
                "measured first at step 10"
                (Expect.failure<SpecException>(fun () -> load text |> ignore)).Message

        testCase "numbers with a step are multiples of it, the ends included"
        <| fun () ->
            let text =
                head.Replace(
                    "distribution: log_uniform_values, min: 0.0001, max: 0.01",
                    "distribution: q_uniform, min: 0.1, max: 0.95, q: 0.2"
                )

            let parameter = (load (text + "run_cap: 3\n")).Parameters[1]

            Expect.equal
                (set [ "0.2"; "0.4"; "0.6"; "0.8" ])
                (set [ for unit in 0.0..0.01..0.99 -> parameter.Value unit ])

        testCase "a list of one seed is that seed"
        <| fun () ->
            Expect.equal [ 7L ] (List.ofSeq (load (head + "run_cap: 3\nseeds: [7]\n")).Seeds)
            Expect.equal [ 1L; 2L; 3L ] (List.ofSeq (load (head + "run_cap: 3\nseeds: 3\n")).Seeds)

        testList
            "what makes no sweep is refused with file and line"
            [
                for more, expected in
                    [
                        "method: gird", "did you mean 'grid'?"
                        "method: grid", "is a range"
                        "method: tpe", "draws without end"
                        "method: latin_hypercube\nminutes: 3", "needs run_cap"
                        "run_cap: 3\nseeds: [1, 1]", "a seed twice"
                        "run_cap: 3\nseeds: []", "at least one"
                        "run_cap: 1,0", "must be a whole number"
                        "run_cap: 3\nearly_terminate: {min_iter: 900}", "below the 900 steps"
                        "run_cap: 3\nearly_terminate: {min_iter: 50}", "measured first at step 100"
                        "run_cap: 3\nearly_terminate: {min_iter: 100, type: halving}", "there is no 'halving'"
                        "run_cap: 3\nrun_caps: 4", "did you mean 'run_cap'?"
                        "run_cap: 3\neach: [lss]", "'lss' is not among"
                        "run_cap: 3\nset: {stepz: 4}", "did you mean 'steps'?"
                        "run_cap: 3\nset: {seed: 4}", "say seeds"
                        "phases: {wide: 3}\nseeds: 3", "are the phases' own"
                        "run_cap: 3\nset: {loss: hinge}", "is under 'set', too"
                        "run_cap: 3\nset: {loss.kind: hinge}", "loss takes the place of loss.kind"
                        "run_cap: 3\nset: {evaluation.every: 0}", "is never measured"
                        "each: [opinion]\nrun_cap: 3", "'opinion' is not among"
                        "run_cap: 300000", "from 1 to 100000"
                        "run_cap: 3\nrunz: 4", "each, early_terminate, method, metric, minutes"
                    ] do
                    testCase (more.ReplaceLineEndings "; ")
                    <| fun () ->
                        Expect.contains
                            expected
                            (Expect.failure<SpecException>(fun () -> load (head + more) |> ignore)).Message
            ]

        testList
            "a parameter that makes no spec is refused before anything is run"
            [
                for parameter, expected in
                    [
                        "  loss: {values: [hinge, hing]}", "did you mean 'hinge'?"
                        "  batch: {min: 1.0, max: 8.0}", "must be a whole number"
                        "  batch: {min: 8, max: 1}", "must be above min"
                        "  average: {distribution: log_uniform_values, min: 0, max: 1}", "must be above 0"
                        "  average: {distribution: log_uniform_value, min: 1, max: 2}",
                        "did you mean 'log_uniform_values'?"
                        "  batch: {values: [1], when: {loss: hinge}}", "is to stand before it"
                        "  loss: {values: [hinge]}\n  batch: {values: [1], when: {loss: hing}}", "did you mean 'hinge'?"
                        "  loss: {values: [hinge]}\n  batch: {values: [1], when: {loss: []}}",
                        "names one other parameter"
                        "  batch: {min: 8, max: 16}\n  loss: {values: [hinge], when: {batch: 8}}", "which is a range"
                        "  seed: {values: [1, 2]}", "say seeds"
                        "  name: {values: [a, b]}", "is set for each run"
                        "  experiment: {values: [a, b]}", "is one for all runs"
                        "  tracking.kind: {values: [none]}", "is one for all runs"
                        "  generator.widths: {values: [[8]]}\n  generator: {values: [mlp]}",
                        "generator takes the place of generator.widths"
                        "  batch: {min: 1.0e+300, max: 2.0e+300, distribution: int_uniform}", "is too large"
                        "  batch: {min: 8.1, max: 8.9, distribution: int_uniform}", "in multiples of 1"
                        "  average: {distribution: normal, mu: 2, sigma: 0.1}", "average: "
                        "  average: {distribution: normal, mu: 0.5, sigma: 0}", "sigma: must be above 0"
                        "  average: {distribution: log_normal, mu: 0.5, sigma: 30}", "they are of the logarithm"
                        "  average: {distribution: normal, min: 0, max: 1}", "min"
                        "  loss: {values: [hinge, wasserstein], probabilities: [0.5]}", "one for each of 2 values"
                        "  loss: {values: [hinge, wasserstein], probabilities: [0.5, 0.6]}", "add up to 1.1"
                        "  loss: {values: [hinge, wasserstein], probabilities: [1.5, -0.5]}", "must be above 0"
                    ] do
                    testCase (parameter.Trim().ReplaceLineEndings "; ")
                    <| fun () ->
                        let text =
                            $"spec: base.yaml\nmetric: {{name: evaluation/modes, goal: maximize}}\nrun_cap: 3\nparameters:\n{parameter}\n"

                        Expect.contains expected (Expect.failure<SpecException>(fun () -> load text |> ignore)).Message
            ]
    ]

/// How good a trial is: known beforehand, and unlike any other's.
let private quality (trial: SweepTrial) =
    let rate =
        Double.Parse(trial.Values["discriminator_optimizer.learning_rate"], Globalization.CultureInfo.InvariantCulture)

    (if trial.Values["loss"] = "wasserstein" then 4.0 else 2.0)
    - abs (Math.Log10 rate + 3.0)
    + float trial.Seed * 0.001

/// Plays a sweep with so many workers, whose runs end in an order of the random numbers'. Returns its history and how many
/// steps its runs made together.
let private play (spec: SweepSpec) workers (random: Random) =
    let planner = SweepPlanner(spec, "sweep")
    let running = Dictionary<int, SweepTrial * int>()
    let mutable history = SweepHistory.Empty
    let mutable steps = 0L
    let mutable over = false
    let mutable decisions = 0

    let finishOne () =
        let index = Seq.item (random.Next running.Count) running.Keys
        let trial, rung = running[index]
        running.Remove index |> ignore
        let reached = min (int64 spec.Base.Steps) (planner.StepsTo rung)

        let before =
            if rung > planner.FirstRung trial then
                planner.StepsTo(rung - 1)
            else
                0L

        steps <- steps + reached - before

        history <-
            history.With(
                if reached < spec.Base.Steps then
                    SweepEvent.Paused(index, rung, quality trial) :> SweepEvent
                else
                    SweepEvent.Ended(index, TrialState.Finished, quality trial, "")
            )

    while not over do
        decisions <- decisions + 1
        Expect.holds (decisions < 10_000) "the sweep does not end"

        if running.Count >= workers then
            finishOne ()
        else
            let decide () =
                planner.Next(history, HashSet running.Keys, false)

            let step = decide ()
            Expect.equal (string (step.GetType().Name)) (decide().GetType().Name)

            match step with
            | :? SweepStep.Decide as decided -> history <- history.With decided.Event
            | :? SweepStep.Run as run ->
                let trial = run.Trial.Trial
                running[trial.Index] <- (trial, max run.Trial.Rung (planner.FirstRung trial))
            | :? SweepStep.Wait -> finishOne ()
            | _ -> over <- true

    history, steps

let private finished (history: SweepHistory) =
    history.Trials
    |> Seq.filter (fun trial -> trial.State = TrialState.Finished)
    |> List.ofSeq

let private played =
    [
        propertyOf 30 "every run of the cap is made once, whatever the order of their ends"
        <| fun (seed: int) (PositiveInt workers) ->
            let spec = load (head + "run_cap: 23\nseeds: 2\n")
            let history, _ = play spec (1 + workers % 5) (Random seed)
            let indices = [ for one in finished history -> one.Trial.Index ]

            List.sort indices = [ 0..22 ]
            && (history.Trials |> Seq.map _.Trial.RunId |> Seq.distinct |> Seq.length) = 23
            // Two seeds of one configuration have the same values.
            && history.Trials
               |> Seq.groupBy _.Trial.Configuration
               |> Seq.forall (fun (_, group) ->
                   (group
                    |> Seq.map (fun one -> String.Join(" ", one.Trial.Values))
                    |> Seq.distinct
                    |> Seq.length)
                       =
                       1)

        propertyOf 20 "a random search draws the same whatever the order of ends"
        <| fun (seed: int) ->
            let spec = load (head + "run_cap: 12\n")

            let values history =
                [
                    for one in (history: SweepHistory).Trials -> one.Trial.Index, String.Join(" ", one.Trial.Values)
                ]

            values (fst (play spec 3 (Random seed))) = values (fst (play spec 1 (Random 0)))

        propertyOf 20 "halving lets the best go on and spends less"
        <| fun (seed: int) ->
            let spec =
                load (head + "run_cap: 27\nearly_terminate: {type: asha, min_iter: 100, eta: 3}\n")

            let history, steps = play spec 2 (Random seed)
            let ends = finished history

            // 27 runs of 900 steps are 24,300; three rungs of 27, 9 and 3 make 27*100 + 9*200 + 3*600 of 6,300, and asynchrony some more.
            steps < 16_000L
            && ends.Length >= 1
            && ends.Length <= 9
            && history.Trials.Count = 27
            && history.Trials |> Seq.forall (fun one -> one.State <> TrialState.Open)
            && (ends |> List.map _.Value |> List.max) =
                (history.Trials |> Seq.map (fun one -> quality one.Trial) |> Seq.max)

        propertyOf 20 "halving of few runs takes the best of each search to the end"
        <| fun (seed: int) (PositiveInt cap) ->
            let cap = 2 + cap % 7

            let spec =
                load (
                    head
                    + $"each: [loss]\nrun_cap: {cap}\nearly_terminate: {{min_iter: 100, eta: 3}}\n"
                )

            let history, _ = play spec 2 (Random seed)

            history.Trials
            |> Seq.groupBy _.Trial.Arm
            |> Seq.forall (fun (_, arm) ->
                let best = arm |> Seq.maxBy (fun one -> quality one.Trial)
                best.State = TrialState.Finished)

        testCase "the Parzen estimator learns from runs that were stopped early"
        <| fun () ->
            let late methodName =
                let spec =
                    load (
                        head
                        + $"method: {methodName}\nrun_cap: 60\nearly_terminate: {{min_iter: 100, eta: 3}}\n"
                    )

                [
                    for seed in 1..5 do
                        let history, _ = play spec 3 (Random seed)
                        for one in Seq.skip 30 history.Trials -> quality one.Trial
                ]
                |> List.average

            Expect.holds (late "tpe" > late "random" + 0.5) $"""{late "tpe"} against {late "random"}"""

        testCase "the Parzen estimator waits for results, however many workers there are"
        <| fun () ->
            let spec = load (head + "method: tpe\nrun_cap: 60\nseeds: 2\n")
            let planner = SweepPlanner(spec, "sweep")

            let rec make (history: SweepHistory) =
                let running = HashSet [ for one in history.Trials -> one.Trial.Index ]

                match planner.Next(history, running, false) with
                | :? SweepStep.Decide as decided -> make (history.With decided.Event)
                | _ -> history

            Expect.equal 20 (make SweepHistory.Empty).Trials.Count

        testCase "brackets of Hyperband are of every search"
        <| fun () ->
            let spec =
                load (
                    head
                    + "each: [loss]\nrun_cap: 18\nearly_terminate: {type: hyperband, min_iter: 100, s: 3}\n"
                )

            let planner = SweepPlanner(spec, "sweep")
            let history, _ = play spec 1 (Random 1)

            for _, arm in history.Trials |> Seq.groupBy _.Trial.Arm do
                Expect.equal (set [ 0; 1; 2 ]) (set [ for one in arm -> planner.FirstRung one.Trial ])

        testCase "brackets of Hyperband begin at higher rungs"
        <| fun () ->
            let spec =
                load (
                    head
                    + "run_cap: 9\nearly_terminate: {type: hyperband, min_iter: 100, eta: 3, s: 2}\n"
                )

            let planner = SweepPlanner(spec, "sweep")
            let history, _ = play spec 1 (Random 1)
            Expect.equal [ 100L; 300L; Int64.MaxValue ] [ for rung in 0..2 -> planner.StepsTo rung ]

            for one in history.Trials do
                Expect.equal (one.Trial.Configuration % 2) (planner.FirstRung one.Trial)

        testCase "the phases of Lucic: wide, narrow where the best were, and the best from other seeds"
        <| fun () ->
            let spec = load (head + "phases: {wide: 30, narrow: 20, best: 5}\n")
            let history, _ = play spec 3 (Random 2)

            let phase name =
                history.Trials |> Seq.filter (fun one -> one.Trial.Phase = name) |> List.ofSeq

            Expect.equal (30, 20, 5) ((phase "wide").Length, (phase "narrow").Length, (phase "best").Length)
            let top = phase "wide" |> List.sortByDescending _.Value |> List.take 3

            let rates trials =
                [
                    for one: TrialStanding in trials ->
                        Double.Parse(
                            one.Trial.Values["discriminator_optimizer.learning_rate"],
                            Globalization.CultureInfo.InvariantCulture
                        )
                ]

            for rate in rates (phase "narrow") do
                Expect.holds
                    (rate >= List.min (rates top) * 0.999 && rate <= List.max (rates top) * 1.001)
                    $"{rate} is wide"

            let best = phase "wide" @ phase "narrow" |> List.maxBy _.Value
            Expect.equal [ 2L .. 6L ] [ for one in phase "best" -> one.Trial.Seed ]

            for one in phase "best" do
                Expect.equal (String.Join(" ", best.Trial.Values)) (String.Join(" ", one.Trial.Values))

            Expect.equal 1 (SweepRanking.Of(spec.Metric, history)).Count

        testCase "each loss gets a search of its own"
        <| fun () ->
            let spec = load (head + "each: [loss]\nphases: {wide: 10, narrow: 5, best: 4}\n")
            let history, _ = play spec 2 (Random 3)
            Expect.equal 57 history.Trials.Count
            let ranking = SweepRanking.Of(spec.Metric, history)
            Expect.equal 3 ranking.Count
            Expect.equal "wasserstein" ranking[0].Values["loss"]
            Expect.equal 4 ranking[0].Metric.Count

        testCase "a grid is whole though its arms are not equally large"
        <| fun () ->
            let spec =
                load
                    """spec: base.yaml
metric: {name: evaluation/modes, goal: maximize}
method: grid
each: [loss]
parameters:
  loss: {values: [hinge, wasserstein]}
  discriminator_steps: {values: [1, 2, 5], when: {loss: wasserstein}}
  discriminator_optimizer.learning_rate: {values: [0.001, 0.002]}
seeds: 2
"""

            let history, _ = play spec 2 (Random 4)

            let of' loss =
                history.Trials
                |> Seq.filter (fun one -> one.Trial.Values["loss"] = loss)
                |> Seq.length

            Expect.equal (4, 12) (of' "hinge", of' "wasserstein")

        testCase "a ledger read again is the history that was written, and a torn line is cut off"
        <| fun () ->
            let spec = load (head + "run_cap: 9\nearly_terminate: {min_iter: 100}\n")
            let file = Path.Combine(Places.newFolder (), "sweep.jsonl")

            let trial =
                SweepTrial(0, 0, 0, "search", readOnlyDict [ "loss.Kind", "{\"kind\":\"x\"}" ], 3L, "id")

            let events: SweepEvent list =
                [
                    SweepEvent.Begun 2
                    SweepEvent.Created trial
                    SweepEvent.Paused(0, 0, nan)
                    SweepEvent.Promoted(0, 1)
                    SweepEvent.Ended(0, TrialState.Finished, -infinity, "a \"note\"")
                ]

            (use ledger = SweepLedger.Open file in List.iter ledger.Add events)
            File.AppendAllText(file, "{\"event\":\"created\",")
            use ledger = SweepLedger.Open file
            let standing = Seq.exactlyOne ledger.History.Trials
            Expect.equal 2 ledger.History.Threads
            Expect.equal "{\"kind\":\"x\"}" standing.Trial.Values["loss.Kind"]
            Expect.equal (TrialState.Finished, "a \"note\"") (standing.State, standing.Note)
            Expect.holds (Double.IsNaN standing.Values[0] && standing.Values[1] = -infinity) "values"
            Expect.equal 5 (File.ReadAllLines file).Length
            Expect.equal 9 (spec.RunCap.GetValueOrDefault())
            File.WriteAllText(file, (File.ReadAllText file).Replace("\"promoted\"", "7"))
            let wrong = Expect.failure<UserException>(fun () -> SweepLedger.Read file |> ignore)
            Expect.contains $"'{file}' is damaged in line 4" wrong.Message
    ]

let tests = testList "Planner" (specs @ played)
