using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Flotilla.Node.Management;

/// <summary>
/// Lets a request in or not. With a secret: who carries it. Without: what does not come from a web page of another origin, by name
/// either - a foreign name that resolves to this address is how pages reach servers on loopback.
/// </summary>
internal sealed class ManagementGuard(string? secret, bool allowsOpen)
{
    private static readonly string[] PublicPaths = ["/", "/page.css", "/page.js", "/cluster.js", "/health"];

    private readonly byte[]? _secretHash = secret is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        if (Refusal(context.Request) is not var (status, why))
        {
            await next(context);
            return;
        }

        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        await Answers.ProblemAsync(context, status, why);
    }

    private (int Status, string Why)? Refusal(HttpRequest request)
    {
        if (!IsSameOrigin(request))
            return (StatusCodes.Status403Forbidden, "requests of other web pages are not served");
        if (_secretHash is null)
            return allowsOpen || IsOurName(request.Host) ? null : (StatusCodes.Status403Forbidden, "asked for by a foreign host name");
        if (PublicPaths.Contains(request.Path.Value, StringComparer.Ordinal))
            return null;
        return CarriesSecret(request) ? null : (StatusCodes.Status401Unauthorized, "the secret is missing or wrong");
    }

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
