/// Gan.Core is written for TorchSharp's names and signatures: it compiles, warnings as errors, where they are all there is.
module Gan.Api.Tests.EngineTests

open System
open System.Diagnostics
open System.IO
open NUnit.Framework
open Gan.Testing
open Gan.Torch

let private list =
    File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "torchsharp.txt"))

let private project (core: string) =
    $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <LangVersion>latest</LangVersion>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <DefineConstants>$(DefineConstants);TORCHSHARP</DefineConstants>
    <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="{core}/**/*.cs" Exclude="{core}/obj/**;{core}/bin/**" />
    <Compile Include="TorchSharp.cs" />
    <Compile Include="Ours.cs" />
  </ItemGroup>
</Project>
"""

/// The compiler's exit code and what it said, with Gan.Core over the listed TorchSharp.
let private compile (list: string) =
    let folder = Directory.CreateTempSubdirectory("gan-api-").FullName

    try
        let write name (text: string) =
            File.WriteAllText(Path.Combine(folder, name), text)

        write "TorchSharp.cs" (EmptyBodies.torchSharp list)

        write "Ours.cs" (EmptyBodies.ours [ typeof<EngineDifferences>; typeof<Philox>; typeof<ScalarTypeExtensions> ])

        write "Core.csproj" (project (Path.Combine(Places.root, "src", "Gan.Core")))

        let info =
            ProcessStartInfo("dotnet", "build Core.csproj --nologo -v q -clp:NoSummary", WorkingDirectory = folder)

        info.RedirectStandardOutput <- true
        use running = nonNull (Process.Start info)
        let said = running.StandardOutput.ReadToEnd()
        running.WaitForExit()
        running.ExitCode, said
    finally
        Directory.Delete(folder, true)

[<Test>]
let ``Gan.Core compiles over TorchSharp's signatures`` () =
    let code, said = compile list
    Expect.holds (code = 0) said

[<Test>]
let ``without a name that it uses it does not`` () =
    let code, said = compile (list.Replace("Tensor square()\n", ""))
    Expect.holds (code <> 0) "it compiled"
    Expect.contains "square" said
