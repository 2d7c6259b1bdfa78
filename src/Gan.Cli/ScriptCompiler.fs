/// Compiles extensions that are F# scripts.
module Gan.Cli.ScriptCompiler

open System
open System.IO
open FSharp.Compiler.CodeAnalysis
open FSharp.Compiler.Diagnostics
open Gan.Experiments

/// What a script may refer to without saying so: the framework, and what gan itself has.
let private references () =
    let trusted =
        match AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES" with
        | :? string as paths -> paths.Split Path.PathSeparator
        | _ -> [||]

    trusted
    |> Array.filter (fun path -> path.EndsWith ".dll" && not (path.EndsWith "FSharp.Compiler.Service.dll"))
    |> Array.map (fun path -> $"-r:{path}")

let private compile (script: string) (assembly: string) =
    let arguments =
        [|
            "fsc.exe"
            "--out:" + assembly
            "--target:library"
            "--noframework"
            "--targetprofile:netcore"
            "--optimize+"
            "--debug:embedded"
            "--nowin32manifest"
            "--define:GAN_EXTENSION"
            yield! references ()
            script
        |]

    let diagnostics, failure =
        FSharpChecker.Create().Compile arguments |> Async.RunSynchronously

    let errors =
        diagnostics
        |> Array.filter (fun diagnostic -> diagnostic.Severity = FSharpDiagnosticSeverity.Error)
        |> Array.map (fun error ->
            $"{Path.GetFileName error.FileName}({error.StartLine},{error.StartColumn + 1}): {error.Message}")

    if errors.Length > 0 then
        let lines = String.Join("\n  ", errors)
        raise (UserException $"The extension '{script}' does not compile:\n  {lines}")

    match failure with
    | Some failure -> raise (UserException $"The extension '{script}' does not compile: {failure.Message}")
    | None -> ()

/// Lets specs name scripts.
let install () =
    Extensions.UseCompiler
        { new IScriptCompiler with
            member _.Compile(script, assembly) = compile script assembly
        }
