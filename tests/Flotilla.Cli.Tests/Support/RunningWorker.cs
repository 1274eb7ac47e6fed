using Flotilla.Cli.Commands;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Support;

/// <summary><c>jobs work</c> in this process.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<int> _run;

    public RunningWorker(string server, params string[] arguments)
    {
        Console.Variables["FLOTILLA_SERVER"] = server;
        Console.Variables["PATH"] = "/usr/bin:/bin";
        _run = Task.Run(() => FlotillaCommand.RunAsync(["jobs", "work", .. arguments], Console, _stop.Token));
    }

    public TestConsole Console { get; } = new();

    public Task<int> Ended => _run;

    public Task ReadyAsync()
        => Deadline.UntilAsync(() => _run.IsCompleted || Console.Errors.Contains("working on", StringComparison.Ordinal), "the worker works");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(Deadline.Default * 2);
        _stop.Dispose();
    }
}
