using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary>
/// Lets a request in or not. With a secret: who carries it, and who only looks from this machine where that is allowed. Without: what
/// does not come from a web page of another origin, by name either - a foreign name that resolves to this address is how pages reach
/// servers on loopback.
/// </summary>
internal sealed class ManagementGuard(string? secret, bool allowsOpen, bool readsWithoutSecret)
{
    private const string AccessPath = "/access";

    private static readonly string[] PublicPaths = ["/", "/page.css", "/page.js", "/cluster.js", "/health", RoleEndpoints.PrimaryPath, RoleEndpoints.ReplicaPath, AccessPath];

    /// <summary>State and figures: nothing that a client submitted.</summary>
    private static readonly string[] ReadingPaths = ["/server", "/functions", "/workers", "/metrics", "/topology", "/topology/events", "/cluster", "/cluster/history"];

    /// <summary>One name follows.</summary>
    private const string ExplainPath = "/cluster/explain/";

    /// <summary>Whoever passes a request on for somebody else says so in one of them.</summary>
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    private readonly byte[]? _secretHash = secret is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        if (Refusal(context) is not var (status, why))
        {
            await next(context);
            return;
        }

        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        await Answers.ProblemAsync(context, status, why);
    }

    /// <summary><c>/access</c>: what whoever asks may do, so that the page knows what to offer.</summary>
    public void Map(ManagementRoutes routes) => routes.MapGet(AccessPath, context => Answers.ObjectAsync(context, writer =>
    {
        var isKnown = _secretHash is null || CarriesSecret(context.Request);
        writer.WriteBoolean("needsSecret", _secretHash is not null);
        writer.WriteBoolean("mayRead", isKnown || MayReadWithout(context));
        writer.WriteBoolean("mayAct", isKnown);
    }));

    private (int Status, string Why)? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (!IsSameOrigin(request))
            return (StatusCodes.Status403Forbidden, "requests of other web pages are not served");
        if (_secretHash is null)
            return allowsOpen || IsOurName(request.Host) ? null : (StatusCodes.Status403Forbidden, "asked for by a foreign host name");
        if (PublicPaths.Contains(request.Path.Value, StringComparer.Ordinal))
            return null;
        if (HttpMethods.IsGet(request.Method) && IsReading(request.Path.Value ?? "") && MayReadWithout(context))
            return null;
        return CarriesSecret(request) ? null : (StatusCodes.Status401Unauthorized, "the secret is missing or wrong");
    }

    private static bool IsReading(string path) => ReadingPaths.Contains(path, StringComparer.Ordinal) || path.StartsWith(ExplainPath, StringComparison.Ordinal);

    private bool MayReadWithout(HttpContext context)
        => readsWithoutSecret
            && context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
            && IsOurName(context.Request.Host)
            && !ProxyHeaders.Any(context.Request.Headers.ContainsKey);

    private bool CarriesSecret(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[7..].Trim())), _secretHash);
    }

    private static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var from)
                && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsOurName(HostString host)
        => !host.HasValue
            || string.Equals(host.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || IPAddress.TryParse(host.Host.Trim('[', ']'), out _);
}
