using System.Net.Http.Headers;

namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>POSTs each event as JSON; any answer but 2xx is a failure. The client is shared and not disposed.</summary>
public sealed class UrlHookTarget(HttpClient client, Uri url) : IHookTarget
{
    public async Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
