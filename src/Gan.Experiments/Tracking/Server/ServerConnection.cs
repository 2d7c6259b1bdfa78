using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;

namespace Gan.Experiments;

/// <summary>
/// Speaks HTTP to an MLflow server as MLflow's own client does: the same retries and waits, the same ways to sign in.
/// Every body carries its length, which servers need.
/// </summary>
internal sealed class ServerConnection : IDisposable
{
    const string Calls = "api/2.0/mlflow/";

    // JSON has no NaN and no infinities; the server takes their names.
    static readonly JsonSerializerOptions Wire = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    static readonly TimeSpan MostWait = TimeSpan.FromSeconds(120);

    // The statuses after which MLflow's own client asks again.
    static readonly int[] Transient = [408, 429, 500, 502, 503, 504];

    readonly ServerSettings settings;
    readonly HttpClient client;

    /// <summary>A connection to a server; nothing is sent yet.</summary>
    public ServerConnection(Uri address, ServerSettings settings)
    {
        this.settings = settings;
        var plain = new UriBuilder(address) { UserName = "", Password = "" }.Uri;
        Address = new Uri(plain.AbsoluteUri.TrimEnd('/') + "/");
        client = new HttpClient(Handler(settings)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = Authorization(address, settings);
        client.DefaultRequestHeaders.UserAgent.ParseAdd("gan");
        if (settings.Workspace is { } workspace)
            client.DefaultRequestHeaders.Add("X-MLFLOW-WORKSPACE", workspace);
    }

    /// <summary>The server's address, without a password.</summary>
    public Uri Address { get; }

    /// <summary>The number of answers, and of parts of files sent.</summary>
    public long Activity { get; private set; }

    /// <summary>Asks MLflow for something.</summary>
    /// <exception cref="ServerException">The server said no.</exception>
    /// <exception cref="UserException">The server did not answer, however often it was asked.</exception>
    public JsonObject Get(string path, string key, string value, CancellationToken cancellation) =>
        Get(new Uri(Address, $"{Calls}{path}?{key}={Uri.EscapeDataString(value)}"), cancellation);

    /// <summary>Tells MLflow something.</summary>
    /// <exception cref="ServerException">The server said no.</exception>
    /// <exception cref="UserException">The server did not answer, however often it was asked.</exception>
    public JsonObject Post(string path, object body, CancellationToken cancellation, int? retries = null) =>
        Ask(
            _ => new HttpRequestMessage(HttpMethod.Post, new Uri(Address, Calls + path))
            {
                Content = new StringContent(JsonSerializer.Serialize(body, Wire), Encoding.UTF8, "application/json"),
            },
            cancellation,
            retries
        );

    /// <summary>One try, without waiting long: is this a server that lets us in?</summary>
    /// <exception cref="ServerException">It answers, but will not take what it is sent.</exception>
    /// <exception cref="UserException">It does not answer.</exception>
    public void Greet(CancellationToken cancellation) =>
        Post("experiments/search", new { max_results = 1 }, cancellation, retries: 0);

    /// <summary>Sends a file, as a stream of known length.</summary>
    public void Put(Uri target, string file, CancellationToken cancellation) =>
        Ask(
            moved => new HttpRequestMessage(HttpMethod.Put, target) { Content = new FileContent(file, moved) },
            cancellation
        );

    /// <summary>Gets what the server has at an address, as what lies in a folder of the artifacts.</summary>
    public JsonObject Get(Uri target, CancellationToken cancellation) =>
        Ask(_ => new HttpRequestMessage(HttpMethod.Get, target), cancellation);

    /// <summary>Deletes a file that was sent.</summary>
    public void Delete(Uri target, CancellationToken cancellation)
    {
        var answer = Send(_ => new HttpRequestMessage(HttpMethod.Delete, target), cancellation);
        if (answer.Status != HttpStatusCode.NotFound)
            Parse(answer);
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    sealed record Answer(HttpStatusCode Status, string Type, string Body);

    JsonObject Ask(Func<Action, HttpRequestMessage> make, CancellationToken cancellation, int? retries = null) =>
        Parse(Send(make, cancellation, retries));

    Answer Send(Func<Action, HttpRequestMessage> make, CancellationToken cancellation, int? retries = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            TimeSpan? asked = null;
            string failure;
            try
            {
                // A time-out is of silence: what moves, as a large file does, may take its time.
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                silence.CancelAfter(settings.Timeout);
                using var request = make(() =>
                {
                    Activity++;
                    silence.CancelAfter(settings.Timeout);
                });
                using var response = client.Send(request, silence.Token);
                using var reader = new StreamReader(response.Content.ReadAsStream(silence.Token));
                var answer = new Answer(
                    response.StatusCode,
                    response.Content.Headers.ContentType?.MediaType ?? "",
                    reader.ReadToEnd()
                );
                Activity++;
                // A server always says something; nothing is what remains of an answer that was cut off.
                if (answer.Body.Length == 0 && answer.Status == HttpStatusCode.OK)
                    throw new IOException("its answer is empty");
                if (!Transient.Contains((int)answer.Status))
                    return answer;
                asked = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - DateTimeOffset.UtcNow;
                failure = $"answers {(int)answer.Status}: {Shortened(answer.Body)}";
            }
            catch (HttpRequestException untrusted) when (untrusted.InnerException is AuthenticationException)
            {
                throw new ServerException(null, "", TlsSentence(untrusted));
            }
            catch (HttpRequestException unreachable)
            {
                failure = $"does not answer: {unreachable.Message.TrimEnd('.')}.";
            }
            catch (IOException broken)
            {
                failure = $"broke off: {broken.Message.TrimEnd('.')}.";
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                failure = $"did not answer within {settings.Timeout.TotalSeconds} s.";
            }
            failure = $"The server {Address} {failure}";
            if (attempt >= (retries ?? settings.MaxRetries))
                throw new UserException(failure);
            if (cancellation.WaitHandle.WaitOne(Wait(settings, attempt, asked)))
                throw new OperationCanceledException(failure, cancellation);
        }
    }

    // 0, 4, 8, 16… seconds with a factor of 2, as urllib3 waits for MLflow's client.
    internal static TimeSpan Wait(ServerSettings settings, int attempt, TimeSpan? asked)
    {
        if (settings.RespectRetryAfter && asked is { } wanted)
            return TimeSpan.FromSeconds(Math.Clamp(wanted.TotalSeconds, 0, MostWait.TotalSeconds));
        var wait = attempt == 0 ? 0 : settings.BackoffFactor * Math.Pow(2, attempt);
        return TimeSpan.FromSeconds(
            Math.Min(wait + Random.Shared.NextDouble() * settings.BackoffJitter, MostWait.TotalSeconds)
        );
    }

    JsonObject Parse(Answer answer)
    {
        var (status, type, body) = answer;
        var json = TryParse(body);
        if (status == HttpStatusCode.OK && json is not null)
            return json;
        var code = json?["error_code"]?.ToString() ?? "";
        var said = json?["message"]?.ToString() ?? Shortened(body);
        var sentence = status switch
        {
            HttpStatusCode.Unauthorized =>
                $"The server {Address} wants to know who you are (401). Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN.",
            HttpStatusCode.Forbidden when body.Contains("Invalid Host header", StringComparison.Ordinal) =>
                $"The server {Address} takes no requests for the name '{Address.Host}' (403). Start it with --allowed-hosts {Address.Host}, or name it by its address.",
            HttpStatusCode.Forbidden => $"The server {Address} does not allow this (403): {said}",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
                $"The server {Address} sends us elsewhere ({(int)status}); set MLFLOW_TRACKING_URI to the address that answers.",
            _ when code.Length > 0 => $"The server {Address} says: {said}",
            _ when type == "text/html" || body.TrimStart().StartsWith('<') =>
                $"{Address} answers {(int)status} with a web page, not as an MLflow server does. Is the address right, and is there no sign-in page before it?",
            _ => $"{Address} answers {(int)status}, not as an MLflow server does: {said}",
        };
        throw new ServerException(status, code, sentence);
    }

    static JsonObject? TryParse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    string TlsSentence(HttpRequestException failure) =>
        $"The certificate of {Address} is not trusted: {failure.InnerException!.Message} Name the authority's file in MLFLOW_TRACKING_SERVER_CERT_PATH, or set MLFLOW_TRACKING_INSECURE_TLS=true.";

    static string Shortened(string text) => text.Length <= 200 ? text.Trim() : text[..200].Trim() + "…";

    static AuthenticationHeaderValue? Authorization(Uri address, ServerSettings settings)
    {
        var (user, password) = (settings.UserName, settings.Password);
        if (address.UserInfo.Split(':', 2) is [{ Length: > 0 } name, var secret])
            (user, password) = (Uri.UnescapeDataString(name), Uri.UnescapeDataString(secret));
        if (user is not null && password is not null)
            return new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))
            );
        return settings.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
    }

    static SocketsHttpHandler Handler(ServerSettings settings)
    {
        var tls = new SslClientAuthenticationOptions();
        if (settings.InsecureTls)
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        else if (settings.ServerCertificate is { } authority)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            Read("MLFLOW_TRACKING_SERVER_CERT_PATH", authority, policy.CustomTrustStore.ImportFromPemFile);
            tls.CertificateChainPolicy = policy;
        }
        if (settings.ClientCertificate is { } own)
            Read(
                "MLFLOW_TRACKING_CLIENT_CERT_PATH",
                own,
                file => tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(file)]
            );
        // A redirect would turn a POST into a GET; it is told instead.
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = tls,
            ConnectTimeout = TimeSpan.FromSeconds(20),
        };
    }

    static void Read(string variable, string file, Action<string> read)
    {
        try
        {
            read(file);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException)
        {
            throw new UserException($"The certificate '{file}' of {variable} cannot be used: {failure.Message}");
        }
    }
}
