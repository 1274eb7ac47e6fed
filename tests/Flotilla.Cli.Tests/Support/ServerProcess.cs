using System.Diagnostics;
using System.Text.Json;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Support;

/// <summary><c>flotilla jobs serve</c> as a process of its own on free loopback ports; shared by the tests of a class.</summary>
public sealed class ServerProcess : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private Process? _process;

    /// <summary>Set before the start to add to the command line.</summary>
    public string[] Arguments { get; init; } = [];

    private string[] Place => Arguments.Contains("--store-path") ? [] : ["--store-path", _folder.Combine("jobs")];

    public string Address { get; private set; } = "";

    public JsonElement Announced { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _process = Run.Start(
            Run.FlotillaPath,
            ["jobs", "serve", "-L", "127.0.0.1:0", "--http", "none", "--management", "none", "--json", .. Place, .. Arguments]);
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Default * 2)
            ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync());
        Announced = JsonDocument.Parse(line).RootElement;
        Address = Announced.GetProperty("gearman")[0].GetString()!;
        _ = _process.StandardError.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>Runs a command that speaks to this server.</summary>
    internal Task<CliResult> RunAsync(params string[] arguments) => RunAsync(new TestConsole(), arguments);

    internal Task<CliResult> RunAsync(TestConsole console, params string[] arguments)
    {
        console.Variables["FLOTILLA_SERVER"] = Address;
        return Run.FlotillaAsync(console, arguments);
    }

    /// <summary>Works with <c>jobs work</c> until disposed.</summary>
    internal async Task<RunningWorker> WorkAsync(params string[] arguments)
    {
        var worker = new RunningWorker(Address, arguments);
        await worker.ReadyAsync();
        return worker;
    }
}
