/// Servers behind TLS: who is trusted, and who signs in with a certificate.
module Gan.Experiments.Tests.TlsTests

open System
open System.IO
open System.Net
open System.Net.Security
open System.Net.Sockets
open System.Security.Authentication
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates
open System.Text
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

let private days (count: float) = DateTimeOffset.UtcNow.AddDays count

let private request (name: string) (key: ECDsa) (authority: bool) =
    let made = CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
    made.CertificateExtensions.Add(X509BasicConstraintsExtension(authority, false, 0, true))
    made

/// An authority, and the PEM file of its certificate.
let private authority () =
    let key = ECDsa.Create ECCurve.NamedCurves.nistP256

    let certificate =
        (request "authority" key true).CreateSelfSigned(days -1.0, days 2.0)

    let file = Path.Combine(Places.newFolder (), "authority.pem")
    File.WriteAllText(file, certificate.ExportCertificatePem())
    certificate, file

/// A certificate of an authority for a host, or for a client.
let private issued (authority: X509Certificate2) (name: string) =
    let key = ECDsa.Create ECCurve.NamedCurves.nistP256
    let wanted = request name key false
    let names = SubjectAlternativeNameBuilder()

    match IPAddress.TryParse name with
    | true, address -> names.AddIpAddress(nonNull address)
    | _ -> names.AddDnsName name

    wanted.CertificateExtensions.Add(names.Build())

    use certificate =
        wanted.Create(authority, days -0.5, days 1.0, RandomNumberGenerator.GetBytes 8)

    certificate.CopyWithPrivateKey key

/// Serves `{}` to whoever gets through the handshake, and notes the clients' certificates.
type private TlsServer(certificate: X509Certificate2, wantsClients: bool) =
    let listener = new TcpListener(IPAddress.Loopback, 0)
    let mutable seen: string list = []

    let serve (client: TcpClient) =
        use stream = new SslStream(client.GetStream())

        let options =
            SslServerAuthenticationOptions(
                ServerCertificate = certificate,
                ClientCertificateRequired = wantsClients,
                RemoteCertificateValidationCallback =
                    RemoteCertificateValidationCallback(fun _ given _ _ -> not wantsClients || not (isNull given))
            )

        stream.AuthenticateAsServer options

        match stream.RemoteCertificate with
        | null -> ()
        | given -> seen <- given.GetCertHashString() :: seen

        stream.Read(Array.zeroCreate<byte> 65536, 0, 65536) |> ignore

        let answer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

        stream.Write(Encoding.ASCII.GetBytes answer)

    let accept () =
        use client = listener.AcceptTcpClient()

        try
            serve client
        with
        | :? IOException
        | :? AuthenticationException -> ()

    do
        listener.Start()

        let listening () =
            try
                while true do
                    accept ()
            with
            | :? SocketException
            // Stopped between two calls.
            | :? InvalidOperationException -> ()

        Thread(listening, IsBackground = true).Start()

    member _.Address =
        Uri $"https://127.0.0.1:{(listener.LocalEndpoint :?> IPEndPoint).Port}"

    /// The hashes of the certificates that clients showed.
    member _.Seen = seen

    interface IDisposable with
        member _.Dispose() = listener.Stop()

let private greet (server: TlsServer) settings =
    use connection = new ServerConnection(server.Address, settings)
    connection.Greet CancellationToken.None

let private refusal server settings =
    (Expect.failure<ServerException>(fun () -> greet server settings)).Message

let tests =
    testList
        "Tls"
        [
            testCase "a server is trusted by its authority's file, or when nothing is asked for"
            <| fun () ->
                let own, file = authority ()
                let _, other = authority ()
                use server = new TlsServer(issued own "127.0.0.1", false)
                greet server (ServerSettings(ServerCertificate = file))
                greet server (ServerSettings(InsecureTls = true))
                Expect.contains "MLFLOW_TRACKING_SERVER_CERT_PATH" (refusal server (ServerSettings()))
                Expect.contains "is not trusted" (refusal server (ServerSettings(ServerCertificate = other)))

            testCase "a trusted certificate of another name is refused"
            <| fun () ->
                let own, file = authority ()
                use server = new TlsServer(issued own "elsewhere.example", false)
                Expect.contains "is not trusted" (refusal server (ServerSettings(ServerCertificate = file)))

            testCase "a client shows its certificate"
            <| fun () ->
                let own, file = authority ()
                let client = issued own "client"
                let pem = Path.Combine(Places.newFolder (), "client.pem")

                File.WriteAllText(
                    pem,
                    client.ExportCertificatePem()
                    + "\n"
                    + (nonNull (client.GetECDsaPrivateKey())).ExportPkcs8PrivateKeyPem()
                )

                use server = new TlsServer(issued own "127.0.0.1", true)
                greet server (ServerSettings(ServerCertificate = file, ClientCertificate = pem))
                Expect.equal [ client.GetCertHashString() ] server.Seen

                let without =
                    Expect.failure<UserException>(fun () -> greet server (ServerSettings(ServerCertificate = file)))

                Expect.contains "127.0.0.1" without.Message

            testCase "a file that is no certificate is named"
            <| fun () ->
                let file = Path.Combine(Places.newFolder (), "none.pem")

                for settings in
                    [
                        ServerSettings(ServerCertificate = file)
                        ServerSettings(ClientCertificate = file)
                    ] do
                    let wrong =
                        Expect.failure<UserException>(fun () ->
                            (new ServerConnection(Uri "https://127.0.0.1:9", settings) :> IDisposable).Dispose())

                    Expect.contains $"'{file}'" wrong.Message
        ]
