/// The commands of a trained generator: `gan sample`, `gan export`.
module Gan.Cli.GeneratorCommands

open System
open System.IO
open Argu
open Gan.Core
open Gan.Experiments
open Gan.Cli.Failures

/// A run's experiment, and its generator as a checkpoint has it.
let private loadGenerator (arguments: ParseResults<OutputArguments>) =
    let name =
        Arguments.required arguments "name a run" (arguments.GetResults OutputArguments.Run)

    let run =
        RunIndex.Find(arguments.GetResult(OutputArguments.Store, RunStores.Default), name)

    let spec = run.ReadSpec []
    let checkpoints = CheckpointStore(run.Folder.Checkpoints, 1)

    let found =
        if arguments.Contains Best then
            checkpoints.FindBest() |> Option.ofObj
        else
            checkpoints.FindLatest() |> Option.ofObj

    match found with
    | None -> raise (UserException $"The run {run.RunId} has no such checkpoint yet.")
    | Some info ->
        let sampled =
            spec.Sampled(Option.toObj (arguments.TryGetResult OutputArguments.Player))

        let player = CheckpointStore.Load(spec.Game, info.File).Game.Player sampled.Player

        let state =
            if arguments.Contains Raw then
                player.Network
            else
                player.Best

        spec, info, sampled, BoundNetwork(spec.Game.Networks[sampled.Player], state)

/// `gan sample`
let sample (arguments: ParseResults<OutputArguments>) =
    let output = arguments.GetResult(OutputArguments.Output, "samples.png")
    let spec, info, sampled, generator = loadGenerator arguments
    let count = arguments.GetResult(OutputArguments.Count, 64)
    let key = RandomKey.FromSeed(arguments.GetResult(Seed, 1L))

    if count < 1 || count > 1_000_000 then
        raise (UserException $"--count must be from 1 to 1000000; got {count}.")

    // A conditioned generator makes a point of each of the data's conditions.
    let conditions =
        if isNull generator.Network.Condition then
            null
        else
            sampled.Data.GivenOf(spec.Data.Open().Draw(key, 0L, count, spec.Game.Dtype))

    let sample = Sampling.Generate(generator, conditions, key, count, spec.Game.Dtype)
    SampleFiles.Write(output, sampled.Data.RealSpace, sample)
    printfn $"{count} points of step {info.Step} in {Path.GetFullPath output}"
    ExitCode.ok

/// `gan export`
let export (arguments: ParseResults<OutputArguments>) =
    let output = arguments.GetResult(OutputArguments.Output, "generator.safetensors")

    if not (output.EndsWith ".safetensors") then
        raise (UserException $"A generator is exported to a .safetensors file; got '{output}'.")

    let _, info, _, generator = loadGenerator arguments
    PyTorchExport.Write(output, generator.Generator, generator.State)
    printfn $"the generator of step {info.Step} in {Path.GetFullPath output}"
    ExitCode.ok
