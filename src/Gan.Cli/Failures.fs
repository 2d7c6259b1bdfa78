/// Exit codes, and how failures become one sentence.
module Gan.Cli.Failures

open System
open System.IO
open System.Runtime.InteropServices
open Gan.Core
open Gan.Experiments

/// The exit codes that README.md documents.
module ExitCode =
    let ok = 0
    let failed = 1
    let usage = 2
    let diverged = 3
    let interrupted = 130

    /// Success where something holds, and failure where it does not.
    let okIf holds = if holds then ok else failed

/// Whether memory ran out, the processor's or a GPU's.
let rec private outOfMemory (failure: exn | null) =
    match failure with
    | :? OutOfMemoryException -> true
    | :? ExternalException as refusal ->
        refusal.Message.Contains "alloc_cpu"
        || refusal.Message.Contains "CUDA out of memory"
    | :? EngineException as wrapped -> outOfMemory wrapped.InnerException
    | _ -> false

/// The sentence for a failure and the exit code it ends with.
let explain (failure: exn) =
    match failure with
    | _ when outOfMemory failure ->
        "There is not enough memory for this; use smaller networks or batches.", ExitCode.failed
    | :? SpecException -> failure.Message, ExitCode.usage
    | :? UserException
    | :? DeterminismException
    | :? EngineException -> failure.Message, ExitCode.failed
    | :? ExternalException as refusal -> EngineException.Describe refusal, ExitCode.failed
    | :? UnauthorizedAccessException
    | :? IOException -> $"A file could not be used: {failure.Message}", ExitCode.failed
    | :? OperationCanceledException -> "Interrupted before it began.", ExitCode.interrupted
    | :? ArgumentException -> failure.Message, ExitCode.failed
    | :? OverflowException -> $"A number is too large: {failure.Message}", ExitCode.failed
    | _ ->
        $"{failure.GetType().Name}: {failure.Message} This is a defect of gan; GAN_DEBUG=1 shows where it is.",
        ExitCode.failed

/// Writes the sentence to standard error and returns the exit code.
let report (failure: exn) =
    let sentence, code = explain failure

    try
        eprintfn $"gan: {sentence}"

        if Environment.GetEnvironmentVariable "GAN_DEBUG" = "1" then
            eprintfn $"{failure}"
    with :? IOException ->
        // Nobody reads standard error; the exit code still tells.
        ()

    code
