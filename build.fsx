// The build of Gan: dotnet fsi build.fsx TARGET, with TARGET one of setup, build, test, demo, bench, pack, format, api, clean.
// Each target does what it needs first, and nothing that is done already.

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions

let root = __SOURCE_DIRECTORY__
let out = Path.Combine(root, "out")
let stamp = Path.Combine(out, "built")

/// The test projects, in two rows that take about the same time beside each other.
let testProjects =
    [ [ "Gan.Experiments.Tests" ]; [ "Gan.Core.Tests"; "Gan.Cli.Tests" ] ]

/// Ends the build with a sentence.
let fail (sentence: string) : 'a =
    eprintfn $"build: {sentence}"
    exit 1

let start (redirectOutput: bool) (redirectError: bool) (command: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            command,
            WorkingDirectory = root,
            RedirectStandardOutput = redirectOutput,
            RedirectStandardError = redirectError
        )

    arguments |> List.iter info.ArgumentList.Add

    try
        Process.Start info
    with :? ComponentModel.Win32Exception ->
        fail $"'{command}' is not on this machine's PATH."

/// Runs a command and shows what it prints; its failure ends the build.
let run command arguments =
    use running = start false false command arguments
    running.WaitForExit()

    if running.ExitCode <> 0 then
        let line = String.Join(" ", command :: arguments)
        fail $"'{line}' failed with exit code {running.ExitCode}."

/// Runs a command and returns its exit code and what it printed.
let capture command arguments =
    use running = start true false command arguments
    let printed = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    running.ExitCode, printed.TrimEnd()

/// Runs a command whose words are of interest only where it fails; they and a sentence then end the build.
let quietly command arguments (sentence: string) =
    match capture command arguments with
    | 0, _ -> ()
    | _, said -> fail $"{sentence}:\n{said}"

let hasCommand name =
    (Environment.GetEnvironmentVariable "PATH").Split ':'
    |> Array.exists (fun folder -> File.Exists(Path.Combine(folder, name)))

/// Whether the peer of tests and benchmarks is there.
let hasPyTorch () =
    let python = "/usr/bin/python3"
    File.Exists python && fst (capture python [ "-c"; "import torch" ]) = 0

// ---- setup and build

let setup () =
    quietly "dotnet" [ "tool"; "restore" ] "the build's tools could not be restored"

    if not (File.Exists(Path.Combine(root, ".paket", "Paket.Restore.targets"))) then
        run "dotnet" [ "paket"; "restore" ]

let solution = "Gan.slnx"
let commandLine = "src/Gan.Cli"

/// Builds the solution, or a project and what it refers to.
let build target =
    setup ()
    Directory.CreateDirectory out |> ignore

    run
        "dotnet"
        [
            "build"
            target
            "-c"
            "Release"
            "--nologo"
            "-v"
            "quiet"
            "-clp:NoSummary"
        ]

    // Only where the command line is built do the sources not call for it again.
    if target = solution || target = commandLine then
        File.WriteAllText(stamp, "")

// ---- format

/// Writes the tables that docs/losses.md has from the code, each after the comment with its command.
let writeTables () =
    let file = Path.Combine(root, "docs", "losses.md")
    let comment = Regex(@"(<!-- gan (list \w+ --markdown) -->\n)(\|[^\n]*\n)*")

    let table (found: Match) =
        let arguments = List.ofArray (found.Groups[2].Value.Split ' ')

        match capture (Path.Combine(root, "gan")) arguments with
        | 0, said -> found.Groups[1].Value + said.TrimEnd() + "\n"
        | _, said -> fail $"'gan {found.Groups[2].Value}' failed: {said}"

    File.WriteAllText(file, comment.Replace(File.ReadAllText file, table))

let format check =
    let flag = if check then [ "check" ] else [ "format" ]
    run "dotnet" ([ "csharpier" ] @ flag @ [ "src"; "tests" ])

    run
        "dotnet"
        ([ "fantomas" ]
         @ (if check then [ "--check" ] else [])
         @ [ "src"; "tests"; "docs"; "experiments"; "benchmarks"; "build.fsx" ])

// ---- the reviewed lists of what is public

/// Brings docs/api to what is public now, so that a change of it is seen in review.
let writePublicApi () =
    for project in [ "Gan.Core"; "Gan.Experiments" ] do
        let file = Path.Combine(root, "docs", "api", project, "PublicAPI.Unshipped.txt")

        let _, said =
            capture "dotnet" [ "build"; $"src/{project}"; "-c"; "Release"; "--nologo"; "--no-incremental" ]

        let named rule =
            set
                [
                    for found in Regex.Matches(said, $"error {rule}: Symbol '(.+?)' is ") -> found.Groups[1].Value
                ]

        let head, listed = File.ReadAllLines file |> Array.splitAt 1
        let symbols = Set.ofArray listed - named "RS0017" + named "RS0016"
        File.WriteAllLines(file, Seq.append head (Seq.sortWith (fun a b -> String.CompareOrdinal(a, b)) symbols))

// ---- test

/// What some tests look at results with and this machine lacks, as Debian's packages.
let missingTools () =
    [
        if not (hasCommand "chromium") then
            "the report in a browser", "chromium"
        if not (hasCommand "sqlite3") then
            "what SQLite's own shell reads of a store", "sqlite3"
        if not (hasPyTorch ()) then
            "PyTorch's numbers beside ours", "python3-torch"
    ]

/// Unpacks Debian's Slurm, which is not installed, for the tests of submission; without it they are skipped.
let unpackSlurm () =
    let folder = Path.Combine(out, "slurm")

    let packages =
        [
            "slurmctld"
            "slurmd"
            "slurm-client"
            "slurm-wlm-basic-plugins"
            "libmunge2"
            "liblua5.1-0"
        ]

    if not (Directory.Exists folder) && hasCommand "apt-get" && hasCommand "dpkg-deb" then
        let debs = Path.Combine(out, "slurm-packages")
        Directory.CreateDirectory debs |> ignore
        let names = String.Join(" ", packages)

        match capture "sh" [ "-c"; $"cd '{debs}' && apt-get download -q {names}" ] with
        | 0, _ ->
            for deb in Directory.GetFiles(debs, "*.deb") do
                quietly "dpkg-deb" [ "-x"; deb; folder ] "a package of Slurm could not be unpacked"
        | _ -> printfn "note: apt-get has no Slurm; the tests of submission are skipped"

    let library = $"{folder}/usr/lib/x86_64-linux-gnu"

    let version =
        $"LD_LIBRARY_PATH='{library}:{library}/slurm-wlm' '{folder}/usr/sbin/slurmd-wlm' -V"

    if Directory.Exists folder && fst (capture "sh" [ "-c"; version ]) <> 0 then
        printfn "note: Slurm wants libraries that are not there; the tests of submission are skipped"
        Directory.Delete(folder, true)

/// The last line of a project's tests.
let counts =
    Regex(@"^\S+: (\d+) passed, (\d+) failed, (\d+) skipped\s*\z", RegexOptions.Multiline)

/// Runs a project's tests, and returns how many passed, failed and were skipped. One whose process ends before it has counted
/// them counts as one that failed.
let testProject arguments (project: string) =
    printfn $"testing {project}"

    use running =
        start true true "dotnet" ($"tests/{project}/bin/Release/net10.0/{project}.dll" :: arguments)

    let error = running.StandardError.ReadToEndAsync()
    let output = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    // In one piece, since another project's tests run beside these.
    lock testProjects (fun () -> printfn $"== {project}\n{output.TrimEnd()}\n{error.Result.TrimEnd()}")

    match counts.Match output with
    | found when found.Success ->
        let number (group: int) = int found.Groups[group].Value
        number 1, (if running.ExitCode = 0 then number 2 else max 1 (number 2)), number 3
    | _ ->
        printfn $"{project} ended with exit code {running.ExitCode} before it had counted its tests"
        0, 1, 0

/// Makes the packages and uses them in an empty folder; one test, passed or failed.
let testPackages () =
    printfn "testing packages"
    let code, output = capture "dotnet" [ "fsi"; "tests/packages/check.fsx" ]
    printfn $"== packages\n{output}"
    if code = 0 then 1, 0, 0 else 0, 1, 0

let test full =
    unpackSlurm ()
    setup ()

    // A build leaves a processor idle for much of its time.
    [ async { build solution }; async { format true } ]
    |> Async.Parallel
    |> Async.RunSynchronously
    |> ignore

    let arguments = "--fail-on-focused-tests" :: (if full then [ "--full" ] else [])

    let results =
        [
            for row in testProjects -> async { return List.map (testProject arguments) row }
        ]
        |> Async.Parallel
        |> Async.RunSynchronously
        |> List.concat

    let results = if full then results @ [ testPackages () ] else results
    let sum pick = results |> List.sumBy pick

    let passed, failed, skipped =
        sum (fun (p, _, _) -> p), sum (fun (_, f, _) -> f), sum (fun (_, _, s) -> s)

    for what, packages in missingTools () do
        printfn $"note: tests of {what} were skipped; on Debian: apt-get install {packages}"

    printfn $"{passed} passed, {failed} failed, {skipped} skipped"

    if failed > 0 || passed = 0 then
        exit 1

// ---- demo, bench, pack, clean

let demo () =
    build commandLine
    printfn "training experiments/demo.yaml: digits from strokes, drawn by a generator that never sees the strokes"
    run (Path.Combine(root, "gan")) [ "train"; "experiments/demo.yaml" ]
    printfn ""
    printfn "comparing five losses from three seeds each on a ring of eight Gaussians, two runs at a time"
    run (Path.Combine(root, "gan")) [ "sweep"; "experiments/ring-losses.yaml"; "--workers"; "2" ]
    printfn ""

    run
        (Path.Combine(root, "gan"))
        [
            "compare"
            "ring-losses"
            "--metric"
            "evaluation/high_quality"
            "--metric"
            "evaluation/modes"
            "--report"
            "out/ring-losses.html"
        ]

let bench tasks =
    build solution

    if not (hasPyTorch ()) then
        fail "the peer is /usr/bin/python3 with torch; on Debian: apt-get install python3-torch libopenblas0-pthread"

    run "dotnet" ([ "benchmarks/Gan.Benchmarks/bin/Release/net10.0/Gan.Benchmarks.dll" ] @ tasks)

/// Makes the packages of the libraries and of the tool, the latter for every platform, in out/packages.
let pack () =
    setup ()
    let packages = Path.Combine(out, "packages")
    let published = Path.Combine(root, commandLine, "bin", "Release", "net10.0")

    let withoutPublished () =
        if Directory.Exists published then
            for platform in Directory.GetDirectories published do
                let folder = Path.Combine(platform, "publish")

                if Directory.Exists folder then
                    Directory.Delete(folder, true)

    if Directory.Exists packages then
        Directory.Delete(packages, true)

    withoutPublished ()

    // The same commit gives the same packages, byte for byte.
    let timestamp =
        match capture "git" [ "log"; "-1"; "--format=%ct" ] with
        | 0, seconds -> [ $"-p:DeterministicTimestamp={seconds}" ]
        | _ -> []

    for project in [ "src/Gan.Core"; "src/Gan.Experiments"; commandLine ] do
        run "dotnet" ([ "pack"; project; "-c"; "Release"; "--nologo"; "-v"; "quiet" ] @ timestamp)

    // A gigabyte that is in the packages.
    withoutPublished ()

    for package in Directory.GetFiles packages |> Array.sort do
        printfn $"%6.1f{float (FileInfo package).Length / 1e6} MB  {Path.GetRelativePath(root, package)}"

let clean () =
    for name in [ "bin"; "obj" ] do
        for folder in Directory.GetDirectories(root, name, SearchOption.AllDirectories) do
            Directory.Delete(folder, true)

    if Directory.Exists out then
        Directory.Delete(out, true)

match List.ofArray fsi.CommandLineArgs |> List.tail with
| [ "setup" ] -> setup ()
| [ "build" ] -> build solution
| [ "build"; project ] -> build project
| [ "test" ] -> test false
| [ "test"; "--full" ] -> test true
| [ "demo" ] -> demo ()
| "bench" :: tasks -> bench tasks
| [ "pack" ] -> pack ()
| [ "format" ] ->
    setup ()
    format false
    writeTables ()
| [ "api" ] ->
    setup ()
    writePublicApi ()
| [ "clean" ] -> clean ()
| _ ->
    eprintfn
        "usage: dotnet fsi build.fsx setup | build [PROJECT] | test [--full] | demo | bench | pack | format | api | clean"

    exit 2
