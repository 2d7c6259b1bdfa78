/// A server that answers as MLflow 3.12's does, errors and limits included, and that fails on demand.
namespace Gan.Testing

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Text.Json.Nodes
open System.Threading

/// What goes wrong with a request.
type Fault =
    /// Nothing.
    | Healthy
    /// The connection breaks before the server reads the request.
    | Dropped
    /// The server does what it is asked, and the answer gets lost.
    | AnswerLost
    /// The server answers with a status and does nothing.
    | Refused of status: int
    /// The answer takes its time.
    | Slow of milliseconds: int
    /// The server does what it is asked, and half of the answer arrives.
    | Cut

/// A run as the server has it.
type ServerRun =
    {
        Id: string
        Experiment: string
        Info: JsonObject
        Tags: Dictionary<string, string>
        Params: Dictionary<string, string>
        Metrics: HashSet<string * int64 * int64 * string>
        Datasets: HashSet<string>
    }

module private Json =
    /// An object of keys and values.
    let object (values: (string * JsonNode) list) =
        let made = JsonObject()

        for key, value in values do
            made[key] <- value

        made

    let text (value: string) : JsonNode = nonNull (JsonValue.Create value)

    let list (values: JsonNode seq) : JsonNode =
        JsonArray [| for value in values -> (value: JsonNode | null) |]

exception private Answer of status: int * code: string * message: string

type FakeMlflow(fault: int -> Fault) as this =
    let gate = obj ()
    let experiments = Dictionary<string, string>()
    let runs = Dictionary<string, ServerRun>()
    let artifacts = Dictionary<string, byte array>()
    let authorizations = HashSet<string>()
    let mutable knowsDatasets = true
    let mutable requests = 0
    let mutable listener = new HttpListener()
    let port = Places.freePort ()

    let invalid message =
        raise (Answer(400, "INVALID_PARAMETER_VALUE", message))

    let missing message =
        raise (Answer(404, "RESOURCE_DOES_NOT_EXIST", message))

    let text (body: JsonNode) (key: string) =
        match body[key] with
        | null ->
            invalid
                $"Missing value for required parameter '{key}'. See the API docs for more information about request parameters."
        | value -> value.ToString()

    let items (body: JsonNode) (key: string) =
        match body[key] with
        | :? JsonArray as values -> [ for value in values -> nonNull value ]
        | _ -> []

    let find id =
        match runs.TryGetValue id with
        | true, run -> run
        | _ -> missing $"Run with id={id} not found"

    let active (run: ServerRun) =
        if text run.Info "lifecycle_stage" <> "active" then
            invalid $"The run {run.Id} must be in the 'active' state. Current state is deleted."

    let runJson (run: ServerRun) =
        Json.object [ "info", run.Info.DeepClone() ]

    let wrap (key: string) (value: JsonNode) = Json.object [ key, value ] :> JsonNode

    let setTag (run: ServerRun) key value =
        run.Tags[key] <- value

        if key = "mlflow.runName" then
            run.Info["run_name"] <- JsonValue.Create(value: string)

    let logBatch (body: JsonNode) =
        let run = find (text body "run_id")
        let metrics, ps, tags = items body "metrics", items body "params", items body "tags"

        for kind, most, count in
            [
                "metrics", 1000, metrics.Length
                "params", 100, ps.Length
                "tags", 100, tags.Length
            ] do
            if count > most then
                invalid $"A batch logging request can contain at most {most} {kind}. Got {count} {kind}."

        if metrics.Length + ps.Length + tags.Length > 1000 then
            invalid "A batch logging request can contain at most 1000 metrics, params, and tags."

        active run

        for p in ps do
            match run.Params.TryGetValue(text p "key") with
            | true, old when old <> text p "value" -> invalid "Changing param values is not allowed."
            | _ -> ()

        for metric in metrics do
            let key = text metric "key"

            if key.Length > 250 || key.Contains '*' then
                invalid $"Invalid value \"{key}\" for parameter 'name' supplied"

        for p in ps do
            run.Params[text p "key"] <- text p "value"

        for tag in tags do
            setTag run (text tag "key") (text tag "value")

        for metric in metrics do
            run.Metrics.Add(
                (text metric "key", int64 (text metric "step"), int64 (text metric "timestamp"), text metric "value")
            )
            |> ignore

        JsonObject() :> JsonNode

    let create (body: JsonNode) =
        let experiment = text body "experiment_id"

        if not (experiments.ContainsValue experiment) then
            missing $"No Experiment with id={experiment} exists"

        let id = Guid.NewGuid().ToString "N"

        let info =
            Json.object
                [
                    "run_id", Json.text id
                    "run_uuid", Json.text id
                    "experiment_id", Json.text experiment
                    "run_name", Json.text (text body "run_name")
                    "status", Json.text "RUNNING"
                    "lifecycle_stage", Json.text "active"
                    "artifact_uri", Json.text $"mlflow-artifacts:/{experiment}/{id}/artifacts"
                ]

        let run =
            {
                Id = id
                Experiment = experiment
                Info = info
                Tags = Dictionary()
                Params = Dictionary()
                Metrics = HashSet()
                Datasets = HashSet()
            }

        for tag in items body "tags" do
            setTag run (text tag "key") (text tag "value")

        runs[id] <- run
        wrap "run" (runJson run)

    /// The one filter that clients here send: a tag's value.
    let search (body: JsonNode) =
        let wanted = items body "experiment_ids" |> List.map string
        let filter = text body "filter"

        let parts =
            filter.Split([| "tags.`"; "` = '"; "'" |], StringSplitOptions.RemoveEmptyEntries)

        let found =
            [
                for run in runs.Values do
                    if
                        List.contains run.Experiment wanted
                        && text run.Info "lifecycle_stage" = "active"
                        && run.Tags.GetValueOrDefault parts[0] = parts[1]
                    then
                        runJson run :> JsonNode
            ]

        if found.IsEmpty then
            JsonObject() :> JsonNode
        else
            wrap "runs" (Json.list found)

    let update (body: JsonNode) =
        let run = find (text body "run_id")

        for key in [ "status"; "end_time" ] do
            match body[key] with
            | null -> ()
            | value -> run.Info[key] <- value.DeepClone()

        JsonObject() :> JsonNode

    let experiment name id =
        Json.object
            [
                "experiment_id", Json.text id
                "name", Json.text name
                "lifecycle_stage", Json.text "active"
            ]
        :> JsonNode

    let api (path: string) (query: string -> string) (body: JsonNode) : JsonNode =
        match path with
        | "experiments/get-by-name" ->
            match experiments.TryGetValue(query "experiment_name") with
            | true, id -> wrap "experiment" (experiment (query "experiment_name") id)
            | _ -> missing "Could not find experiment with name"
        | "experiments/create" ->
            let name = text body "name"

            if experiments.ContainsKey name then
                raise (Answer(400, "RESOURCE_ALREADY_EXISTS", $"Experiment(name={name}) already exists."))

            experiments[name] <- string (experiments.Count + 1)
            wrap "experiment_id" (Json.text experiments[name])
        | "experiments/search" -> JsonObject()
        | "runs/create" -> create body
        | "runs/search" -> search body
        | "runs/get" -> wrap "run" (runJson (find (query "run_id")))
        | "runs/update" -> update body
        | "runs/delete" ->
            (find (text body "run_id")).Info[ "lifecycle_stage" ] <- JsonValue.Create "deleted"
            JsonObject()
        | "runs/log-batch" -> logBatch body
        | "runs/log-inputs" when knowsDatasets ->
            let run = find (text body "run_id")

            for dataset in items body "datasets" do
                run.Datasets.Add(text (nonNull dataset["dataset"]) "digest") |> ignore

            JsonObject()
        | _ -> raise (Answer(404, "", "<!doctype html><title>404 Not Found</title>"))

    let proxy (httpMethod: string) (path: string) (query: string -> string) (body: byte array) : JsonNode =
        match httpMethod, path with
        | "GET", "" ->
            let folder = query "path"

            let files =
                [
                    for pair in artifacts do
                        if Path.GetDirectoryName pair.Key = folder then
                            Json.object
                                [
                                    "path", Json.text (nonNull (Path.GetFileName pair.Key))
                                    "is_dir", JsonValue.Create false
                                    "file_size", JsonValue.Create pair.Value.Length
                                ]
                            :> JsonNode
                ]

            wrap "files" (Json.list files)
        | "PUT", _ ->
            artifacts[path] <- body
            JsonObject()
        | _ ->
            artifacts.Remove path |> ignore
            JsonObject()

    let respond (context: HttpListenerContext) status (contentType: string) (body: string) =
        let bytes = Text.Encoding.UTF8.GetBytes body
        context.Response.StatusCode <- status
        context.Response.ContentType <- contentType
        context.Response.ContentLength64 <- int64 bytes.Length
        context.Response.OutputStream.Write(bytes, 0, bytes.Length)
        context.Response.Close()

    let handle (context: HttpListenerContext) =
        let request = context.Request
        use read = new MemoryStream()
        request.InputStream.CopyTo read
        // Bodies without a length are not seen by uvicorn's bridge.
        let body =
            if request.ContentLength64 < 0L then
                [||]
            else
                read.ToArray()

        let authorization = request.Headers["Authorization"]
        lock gate (fun () -> authorizations.Add(string authorization) |> ignore)
        let path = Uri.UnescapeDataString (nonNull request.Url).AbsolutePath
        let query (key: string) = string request.QueryString[key]

        let work () =
            lock gate (fun () ->
                if path.StartsWith "/api/2.0/mlflow-artifacts/artifacts" then
                    let rest = path.Substring("/api/2.0/mlflow-artifacts/artifacts".Length).Trim('/')
                    proxy request.HttpMethod rest query body
                else
                    let json =
                        if body.Length = 0 then
                            JsonObject() :> JsonNode
                        else
                            nonNull (JsonNode.Parse(ReadOnlySpan body))

                    api (path.Replace("/api/2.0/mlflow/", "")) query json)

        let answer () =
            try
                200, "application/json", (work ()).ToJsonString()
            with Answer(status, code, message) ->
                let json = JsonObject()
                json["error_code"] <- JsonValue.Create code
                json["message"] <- JsonValue.Create message

                if code = "" then
                    status, "text/html", message
                else
                    status, "application/json", json.ToJsonString()

        match this.NextFault() with
        | Dropped -> context.Response.Abort()
        | AnswerLost ->
            answer () |> ignore
            context.Response.Abort()
        | Refused status ->
            context.Response.AddHeader("Retry-After", "0")
            respond context status "text/plain" "later"
        | Slow milliseconds ->
            Thread.Sleep milliseconds
            answer () |||> respond context
        | Cut ->
            let _, _, body = answer ()
            let bytes = Text.Encoding.UTF8.GetBytes body
            context.Response.ContentLength64 <- int64 bytes.Length
            context.Response.OutputStream.Write(bytes, 0, bytes.Length / 2)
            context.Response.OutputStream.Flush()
            context.Response.Abort()
        | Healthy -> answer () |||> respond context

    let serve (own: HttpListener) =
        let rec loop () =
            match
                (try
                    Some(own.GetContext())
                 with _ ->
                     None)
            with
            | None -> ()
            | Some context ->
                ThreadPool.QueueUserWorkItem(fun _ ->
                    try
                        handle context
                    with _ ->
                        context.Response.Abort())
                |> ignore

                loop ()

        Thread(loop, IsBackground = true).Start()

    do this.Start()

    member private _.NextFault() = fault (Interlocked.Increment &requests)

    /// Begins to listen, on the same port as before.
    member _.Start() =
        listener <- new HttpListener()
        listener.Prefixes.Add $"http://127.0.0.1:{port}/"
        listener.Start()
        serve listener

    /// Is not there any more; what it knows stays.
    member _.Stop() = listener.Abort()

    member _.Address = $"http://127.0.0.1:{port}"

    member _.Requests = requests

    /// False for a server from before MLflow 2.4.
    member _.KnowsDatasets
        with get () = knowsDatasets
        and set value = knowsDatasets <- value

    /// What requests said of who sends them.
    member _.Authorizations = lock gate (fun () -> List.ofSeq authorizations)

    /// The runs that were not deleted.
    member _.Runs =
        lock gate (fun () ->
            [
                for run in runs.Values do
                    if text run.Info "lifecycle_stage" = "active" then
                        run
            ])

    /// The artifacts, by their paths.
    member _.Artifacts =
        lock gate (fun () -> Map [ for pair in artifacts -> pair.Key, pair.Value ])

    interface IDisposable with
        member this.Dispose() = this.Stop()
