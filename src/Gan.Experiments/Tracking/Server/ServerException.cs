using System.Net;

namespace Gan.Experiments;

/// <summary>An answer of a server that is no success.</summary>
/// <param name="status">The status; null where there was no answer in HTTP.</param>
/// <param name="code">MLflow's error code, or empty where the answer was not MLflow's.</param>
/// <param name="message">A sentence for the user.</param>
internal sealed class ServerException(HttpStatusCode? status, string code, string message) : Exception(message)
{
    /// <summary>MLflow's error code, as RESOURCE_ALREADY_EXISTS.</summary>
    public string Code => code;

    /// <summary>True where the server understood what was sent and will never take it.</summary>
    public bool IsRefusal => code is "INVALID_PARAMETER_VALUE" or "BAD_REQUEST" && !IsOfDeletedRun;

    /// <summary>True where the server has no such call.</summary>
    public bool IsOfNoEndpoint =>
        code is "" or "ENDPOINT_NOT_FOUND"
        && status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented;

    /// <summary>True where the run was deleted at the server.</summary>
    public bool IsOfDeletedRun => Message.Contains("'active' state", StringComparison.Ordinal);
}
