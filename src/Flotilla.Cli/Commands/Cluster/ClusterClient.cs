using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary>Asks the first node that answers, and goes on to the next when one can't be reached or belongs to no majority.</summary>
internal sealed class ClusterClient : IDisposable
{
    private static readonly TimeSpan s_connectPatience = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the server waits for an order.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    /// <summary>The one that answered last comes first.</summary>
    private readonly List<Uri> _nodes;
    private readonly HttpClient _http;

    public ClusterClient(IReadOnlyList<Uri> nodes, string? secret)
    {
        _nodes = [.. nodes];
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = s_connectPatience, UseProxy = false, AllowAutoRedirect = false }) { Timeout = s_patience };
        if (secret is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    /// <summary>The topology now, or as soon as it is another than the one that was seen.</summary>
    public async Task<ClusterTopology> TopologyAsync(ClusterTopology? seen, CancellationToken cancellationToken)
    {
        // Versions of two nodes can't be compared.
        var from = _nodes[0];
        var (_, json) = await AskAsync(
            HttpMethod.Get,
            node => seen is null || node != from ? "/topology" : string.Create(CultureInfo.InvariantCulture, $"/topology?epoch={seen.Epoch}&version={seen.Version}&wait=10"),
            cancellationToken);
        return TopologyJson.Read(System.Text.Encoding.UTF8.GetBytes(json.GetRawText()));
    }

    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => (await AskAsync(HttpMethod.Get, path, cancellationToken)).Body;

    /// <summary>The answer of a node: 2xx, or 409 with a body that says more than why.</summary>
    /// <exception cref="CliException">There is no such answer.</exception>
    public Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken) => AskAsync(method, _ => path, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(HttpMethod method, Func<Uri, string> path, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var node in _nodes.ToArray())
        {
            using var request = new HttpRequestMessage(method, new Uri(node, path(node)));
            try
            {
                using var answer = await _http.SendAsync(request, cancellationToken);
                var text = await answer.Content.ReadAsStringAsync(cancellationToken);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    _nodes.Remove(node);
                    _nodes.Insert(0, node);
                    return (answer.StatusCode, Body(node, answer.StatusCode, text));
                }

                reasons.Add($"{node.Authority}: {Why(text)}");
            }
            catch (HttpRequestException failure) when (method == HttpMethod.Get || failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
            {
                reasons.Add($"{node.Authority}: {failure.Message}");
            }
            catch (Exception failure) when (failure is HttpRequestException || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new CliException(ExitCode.ConnectionLost, $"{node.Authority}: {failure.Message}", "The cluster may have done what was asked; look with 'flotilla cluster history'.");
            }
        }

        throw new CliException(ExitCode.NoServer, $"no node of a cluster answered: {string.Join("; ", reasons)}", "Is it running? Name others with --node HOST:PORT.");
    }

    private static JsonElement Body(Uri node, HttpStatusCode status, string text)
    {
        if ((int)status is >= 200 and < 300 && text.Length == 0)
            return default;
        if ((int)status is >= 200 and < 300 || (status == HttpStatusCode.Conflict && text.Contains("\"decisions\"", StringComparison.Ordinal)))
            return Parse(text) ?? throw new CliException(ExitCode.Failed, $"{node.Authority}: answered what is no JSON");
        throw status switch
        {
            HttpStatusCode.Unauthorized => new CliException(ExitCode.NotAuthorized, $"{node.Authority}: {Why(text)}", ClusterAccess.SecretHint),
            HttpStatusCode.Forbidden => new CliException(ExitCode.NotAuthorized, $"{node.Authority}: {Why(text)}"),
            HttpStatusCode.NotFound when Why(text) == "there is nothing at this path" => new CliException(ExitCode.NoServer, $"{node.Authority} is a node of no cluster"),
            HttpStatusCode.NotFound => new CliException(ExitCode.NotFound, Why(text)),
            HttpStatusCode.Conflict => new CliException(ExitCode.Refused, Why(text)),
            HttpStatusCode.BadRequest => new CliException(ExitCode.Usage, Why(text)),
            _ => new CliException(ExitCode.Failed, $"{node.Authority}: {(int)status} {Why(text)}"),
        };
    }

    private static string Why(string text) => Parse(text) is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty("error", out var error) ? error.ToString() : "no reason given";

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
