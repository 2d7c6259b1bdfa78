namespace Gan.Experiments;

/// <summary>
/// How an MLflow server is spoken to, by the variables that MLflow's own client reads. A name and password win over a
/// token.
/// </summary>
public sealed record ServerSettings
{
    const int MostBrief = 3;

    /// <summary>MLFLOW_TRACKING_USERNAME, or the one of ~/.mlflow/credentials.</summary>
    public string? UserName { get; init; }

    /// <summary>MLFLOW_TRACKING_PASSWORD, or the one of ~/.mlflow/credentials.</summary>
    public string? Password { get; init; }

    /// <summary>MLFLOW_TRACKING_TOKEN, sent as a bearer's.</summary>
    public string? Token { get; init; }

    /// <summary>MLFLOW_TRACKING_INSECURE_TLS: take any certificate.</summary>
    public bool InsecureTls { get; init; }

    /// <summary>MLFLOW_TRACKING_SERVER_CERT_PATH: a PEM file of the authority that the server's certificate is of.</summary>
    public string? ServerCertificate { get; init; }

    /// <summary>MLFLOW_TRACKING_CLIENT_CERT_PATH: a PEM file of a certificate and its key.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>MLFLOW_WORKSPACE, where a server has several.</summary>
    public string? Workspace { get; init; }

    /// <summary>MLFLOW_EXPERIMENT_ID: the server's experiment, instead of one by name.</summary>
    public string? ExperimentId { get; init; }

    /// <summary>MLFLOW_RUN_ID: the server's run to write into, instead of a new one.</summary>
    public string? RunId { get; init; }

    /// <summary>MLFLOW_HTTP_REQUEST_TIMEOUT, in seconds (120).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>MLFLOW_HTTP_REQUEST_MAX_RETRIES (7, at most 10).</summary>
    public int MaxRetries { get; init; } = 7;

    /// <summary>MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: before try n &gt; 1 it waits factor * 2^(n-1) seconds (2).</summary>
    public double BackoffFactor { get; init; } = 2;

    /// <summary>MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: up to so many seconds more (1).</summary>
    public double BackoffJitter { get; init; } = 1;

    /// <summary>MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: wait as long as the server asks for.</summary>
    public bool RespectRetryAfter { get; init; } = true;

    /// <summary>What the environment says.</summary>
    /// <exception cref="UserException">A variable is not of its kind.</exception>
    public static ServerSettings FromEnvironment()
    {
        var credentials = Credentials();
        return new ServerSettings
        {
            UserName = Text("MLFLOW_TRACKING_USERNAME") ?? credentials.GetValueOrDefault("mlflow_tracking_username"),
            Password = Text("MLFLOW_TRACKING_PASSWORD") ?? credentials.GetValueOrDefault("mlflow_tracking_password"),
            Token = HeaderText("MLFLOW_TRACKING_TOKEN"),
            InsecureTls = Flag("MLFLOW_TRACKING_INSECURE_TLS", false),
            ServerCertificate = Text("MLFLOW_TRACKING_SERVER_CERT_PATH"),
            ClientCertificate = Text("MLFLOW_TRACKING_CLIENT_CERT_PATH"),
            Workspace = HeaderText("MLFLOW_WORKSPACE"),
            ExperimentId = Text("MLFLOW_EXPERIMENT_ID"),
            RunId = Text("MLFLOW_RUN_ID"),
            Timeout = TimeSpan.FromSeconds(Number("MLFLOW_HTTP_REQUEST_TIMEOUT", 120, 0.001, 86_400)),
            MaxRetries = (int)Number("MLFLOW_HTTP_REQUEST_MAX_RETRIES", 7, 0, 10),
            BackoffFactor = Number("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", 2, 0, 120),
            BackoffJitter = Number("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", 1, 0, 60),
            RespectRetryAfter = Flag("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", true),
        };
    }

    /// <summary>The same with three retries at most, some fifteen seconds: for someone who waits and can ask again.</summary>
    internal ServerSettings Brief() => this with { MaxRetries = Math.Min(MaxRetries, MostBrief) };

    /// <summary>The same for a server that is not to know who we are.</summary>
    internal ServerSettings WithoutSecrets() =>
        this with
        {
            UserName = null,
            Password = null,
            Token = null,
            ClientCertificate = null,
        };

    static string? Text(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    static string? HeaderText(string name) =>
        Text(name) is not { } text || text.All(letter => letter is > ' ' and <= '~')
            ? Text(name)
            : throw new UserException(
                $"{name} has a sign in it that may not be sent: a space, a line's end, or one beyond ASCII."
            );

    static bool Flag(string name, bool fallback) =>
        Text(name) switch
        {
            null => fallback,
            "1" => true,
            "0" => false,
            var text => bool.TryParse(text, out var value)
                ? value
                : throw new UserException($"{name} must be true or false; it is '{text}'."),
        };

    static double Number(string name, double fallback, double least, double most) =>
        Text(name) switch
        {
            null => fallback,
            var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && value >= least
            && value <= most
                ? value
                : throw new UserException($"{name} must be a number from {least} to {most}; it is '{text}'."),
        };

    // ~/.mlflow/credentials: a section [mlflow] of name = value.
    static Dictionary<string, string> Credentials()
    {
        var file = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            ".mlflow",
            "credentials"
        );
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(file))
            return found;
        var section = "";
        foreach (var line in File.ReadLines(file).Select(line => line.Trim()))
            if (line.StartsWith('['))
                section = line;
            else if (section == "[mlflow]" && line.Split('=', 2) is [var key, var value])
                found[key.Trim()] = value.Trim();
        return found;
    }
}
