using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Flotilla.Gearman;
using Flotilla.JobServer;
using Flotilla.Node.Management;

namespace Flotilla.Node.Tests;

/// <summary>A whole node on free ports, and a client for its management.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private RunningNode(JobNode node)
    {
        Node = node;
        Http = new HttpClient { BaseAddress = new Uri($"http://{node.ManagementEndpoints[0]}") };
    }

    public JobNode Node { get; }

    public HttpClient Http { get; }

    public IPEndPoint GearmanEndpoint => (IPEndPoint)Node.Server.Endpoints[0];

    public IPEndPoint HttpEndpoint => (IPEndPoint)Node.Server.Endpoints[1];

    public static NodeOptions Options { get; } = new()
    {
        JobServer = new JobServerOptions
        {
            Listeners =
            [
                new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) },
                new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), Protocol = JobServerProtocol.Http },
            ],
        },
        Store = new StoreOptions { Kind = StoreKind.Memory },
        Management = new ManagementOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
    };

    public static async Task<RunningNode> StartAsync(Func<NodeOptions, NodeOptions>? change = null, FakeCluster? cluster = null)
        => new(await JobNode.StartAsync(change is null ? Options : change(Options), cluster: cluster));

    public async Task<GearmanWorker> WorkerAsync(string function, JobHandler work)
    {
        var worker = new GearmanWorker(new GearmanWorkerOptions { Servers = [GearmanAddress.Tcp(GearmanEndpoint)], ClientId = "tester" });
        worker.Register(function, work);
        await worker.StartAsync();
        return worker;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path) => AskAsync(HttpMethod.Get, path);

    public static HttpContent Json(string json) => new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Node.DisposeAsync();
    }
}
