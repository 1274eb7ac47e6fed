using System.Net.Http.Headers;

namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>POSTs each event as JSON; any answer but 2xx is a failure. The client is shared and not disposed.</summary>
public sealed class UrlHookTarget(HttpClient client, Uri url) : IHookTarget
{
    /// <summary>A connection is not kept longer than this, so that a name which moves to another address is followed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>A client for hooks, the caller's to dispose. It has no time limit of its own: each hook has its <see cref="HookOptions.Timeout"/>.</summary>
    public static HttpClient CreateClient()
        => new(new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime }) { Timeout = Timeout.InfiniteTimeSpan };

    public async Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
