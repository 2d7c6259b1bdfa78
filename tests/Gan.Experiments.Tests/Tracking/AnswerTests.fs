/// Whatever a server answers is understood, or told with what to do.
module Gan.Experiments.Tests.AnswerTests

open System
open System.IO
open System.Net
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

/// One recorded call: what was asked, and the status and body of the answer.
type private Exchange =
    {
        Line: string
        Status: int
        Body: string
    }

let private recordings =
    lazy
        (match Places.data with
         | None -> []
         | Some data ->
             let read name =
                 File.ReadAllText(Path.Combine(data, "..", "mlflow", name))

             let exchanges =
                 [
                     for part in Regex.Split(read "exchanges-3.12.0.txt", "^### ", RegexOptions.Multiline) do
                         let found =
                             Regex.Match(
                                 part,
                                 @"\A(?<line>[^\n]*)\n(?<body>.*?)\n?\[(?<status>\d{3})\]",
                                 RegexOptions.Singleline
                             )

                         if found.Success then
                             {
                                 Line = found.Groups["line"].Value
                                 Status = int found.Groups["status"].Value
                                 Body = found.Groups["body"].Value
                             }
                 ]

             let edges =
                 [
                     for line in (read "edge-cases-3.12.0.txt").Split '\n' do
                         let found = Regex.Match(line, @"^## (?<line>.*?) -> (?<status>\d{3}) (?<body>.*)$")

                         if found.Success then
                             {
                                 Line = found.Groups["line"].Value
                                 Status = int found.Groups["status"].Value
                                 Body = found.Groups["body"].Value
                             }
                 ]

             exchanges @ edges)

/// Serves one answer to everything.
let private answeringTo
    (hear: HttpListenerRequest -> unit)
    (status: int)
    (contentType: string)
    (body: string)
    (ask: Uri -> 'a)
    =
    let port = Places.freePort ()
    use listener = new HttpListener()
    listener.Prefixes.Add $"http://127.0.0.1:{port}/"
    listener.Start()

    let serving =
        Thread(
            (fun () ->
                try
                    while true do
                        let context = listener.GetContext()
                        hear context.Request
                        let bytes = Text.Encoding.UTF8.GetBytes body
                        context.Response.StatusCode <- status
                        context.Response.ContentType <- contentType
                        context.Response.OutputStream.Write(bytes, 0, bytes.Length)
                        context.Response.Close()
                with _ ->
                    ()),
            IsBackground = true
        )

    serving.Start()
    ask (Uri $"http://127.0.0.1:{port}")

let internal answering status = answeringTo ignore status

/// The headers that a call sends.
let private sent (settings: ServerSettings) (user: string) =
    let mutable headers = Map.empty

    let hear (request: HttpListenerRequest) =
        headers <-
            Map
                [
                    for key in request.Headers.AllKeys -> string key, string request.Headers[key]
                ]

    answeringTo hear 200 "application/json" "{}" (fun address ->
        let address =
            UriBuilder(address, UserName = user, Password = (if user = "" then "" else "p%40ss")).Uri

        use connection = new ServerConnection(address, settings)
        Expect.lacks "p%40ss" connection.Address.AbsoluteUri
        connection.Greet CancellationToken.None)

    headers

let private call (address: Uri) =
    use connection = new ServerConnection(address, ServerTests.quick)
    connection.Post("runs/log-batch", JsonObject(), CancellationToken.None)

let tests =
    testList
        "Answer"
        [
            testCase "a name and password win over a token, and the address over both"
            <| fun () ->
                let basic (text: string) =
                    "Basic " + Convert.ToBase64String(Text.Encoding.UTF8.GetBytes text)

                let header name (headers: Map<string, string>) = headers[name]
                let token = ServerSettings(Token = "secret", Workspace = "team")
                Expect.equal "Bearer secret" (header "Authorization" (sent token ""))
                Expect.equal "team" (header "X-MLFLOW-WORKSPACE" (sent token ""))
                let both = ServerSettings(Token = "secret", UserName = "me", Password = "é:")
                Expect.equal (basic "me:é:") (header "Authorization" (sent both ""))
                Expect.equal (basic "you:p@ss") (header "Authorization" (sent both "you"))
                Expect.holds (not ((sent (ServerSettings()) "").ContainsKey "Authorization")) "nobody"

            testCase "every answer that a real server was seen to give is understood"
            <| fun () ->
                if recordings.Value.IsEmpty then
                    skiptest "no recorded answers beside the repository"

                Expect.holds (recordings.Value.Length > 80) $"only {recordings.Value.Length} answers were read"

                for exchange in recordings.Value do
                    // The recordings were cut after 400 characters in places; whole JSON is what a client sees.
                    let whole =
                        try
                            JsonNode.Parse exchange.Body |> ignore
                            true
                        with _ ->
                            exchange.Body.StartsWith "<"

                    if whole then
                        let contentType =
                            if exchange.Body.StartsWith "<" then
                                "text/html"
                            else
                                "application/json"

                        answering exchange.Status contentType exchange.Body (fun address ->
                            if exchange.Status = 200 then
                                let expected = nonNull (JsonNode.Parse exchange.Body)

                                Expect.holds
                                    (JsonNode.DeepEquals(expected, call address))
                                    $"{exchange.Line} was read otherwise"
                            elif exchange.Status < 500 then
                                let no = Expect.failure<ServerException>(fun () -> call address |> ignore)

                                if contentType = "text/html" then
                                    Expect.contains "web page" no.Message
                                else
                                    let expected = nonNull (JsonNode.Parse exchange.Body)
                                    Expect.equal (string expected["error_code"]) no.Code
                                    Expect.contains (string expected["message"]) no.Message)

            testList
                "an answer that is no MLflow's is told with what to do"
                [
                    for status, kind, body, expected in
                        [
                            401, "text/html", "<html>", "MLFLOW_TRACKING_USERNAME"
                            403,
                            "text/plain",
                            "Invalid Host header - possible DNS rebinding attack detected",
                            "--allowed-hosts 127.0.0.1"
                            403,
                            "application/json",
                            "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"not yours\"}",
                            "not yours"
                            200, "text/html", "<html>sign in</html>", "web page"
                            200, "text/plain", "hello", "not as an MLflow server does"
                            404, "text/html", "<!doctype html>", "web page"
                            302, "text/html", "", "sends us elsewhere"
                        ] do
                        testCase $"{status}: {expected}"
                        <| fun () ->
                            answering status kind body (fun address ->
                                Expect.contains
                                    expected
                                    (Expect.failure<ServerException>(fun () -> call address |> ignore)).Message)
                ]

            testCase "the waits between tries are the official client's"
            <| fun () ->
                let waits =
                    [
                        for attempt in 0..6 ->
                            (ServerConnection.Wait(ServerSettings(BackoffJitter = 0.0), attempt, Nullable()))
                                .TotalSeconds
                    ]

                Expect.equal [ 0.0; 4.0; 8.0; 16.0; 32.0; 64.0; 120.0 ] waits

                let asked =
                    ServerConnection.Wait(ServerSettings(), 3, Nullable(TimeSpan.FromSeconds 7.0))

                Expect.equal 7.0 asked.TotalSeconds
        ]
