using System.Text;
using Flotilla.Gearman.Tests.Servers;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Conversations;

/// <summary>A client, a worker and names that nobody else uses, with one server.</summary>
internal sealed class Talk(IJobServer server) : IAsyncDisposable
{
    private static int _next;

    private readonly List<IAsyncDisposable> _owned = [];

    public IJobServer Server { get; } = server;

    /// <summary>A function of this test only.</summary>
    public string Function { get; } = NewName();

    public static string NewName() => $"f{Interlocked.Increment(ref _next)}-{Environment.ProcessId}";

    public static async Task<Talk> WithAsync(JobServers servers, ServerKind kind) => new(await servers.SharedAsync(kind));

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public GearmanClient Client(Func<GearmanClientOptions, GearmanClientOptions>? change = null)
    {
        var options = new GearmanClientOptions { Servers = [Server.Address] };
        var client = new GearmanClient(change?.Invoke(options) ?? options);
        _owned.Add(client);
        return client;
    }

    public GearmanAdmin Admin()
    {
        var admin = new GearmanAdmin(Server.Address);
        _owned.Add(admin);
        return admin;
    }

    /// <summary>A worker that is not started.</summary>
    public GearmanWorker NewWorker(Func<GearmanWorkerOptions, GearmanWorkerOptions>? change = null)
    {
        var options = new GearmanWorkerOptions { Servers = [Server.Address], MaxConcurrency = 4 };
        var worker = new GearmanWorker(change?.Invoke(options) ?? options);
        _owned.Add(worker);
        return worker;
    }

    /// <summary>A worker that does <see cref="Function"/>.</summary>
    public async Task<GearmanWorker> WorkAsync(
        JobHandler handler, Func<GearmanWorkerOptions, GearmanWorkerOptions>? change = null, FunctionOptions? function = null)
    {
        var worker = NewWorker(change);
        worker.Register(Function, handler, function);
        await worker.StartAsync().WaitAsync(Deadline.Default);
        return worker;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
            await owned.DisposeAsync();
    }

    public static ValueTask<ReadOnlyMemory<byte>> Echo(GearmanJobContext job, CancellationToken cancellationToken)
        => ValueTask.FromResult(job.Payload);

    public static ValueTask<ReadOnlyMemory<byte>> Reverse(GearmanJobContext job, CancellationToken cancellationToken)
    {
        var result = job.Payload.ToArray();
        Array.Reverse(result);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(result);
    }
}
