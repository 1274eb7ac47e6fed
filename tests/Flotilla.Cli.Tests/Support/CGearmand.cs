using System.Diagnostics;
using System.Globalization;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Support;

/// <summary>A C gearmand on a free loopback port, shared by the tests of a class.</summary>
public sealed class CGearmand : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private Process? _process;

    public string Address { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var port = FreePort.Next();
        _process = Run.Start(
            CPeer.Gearmand(),
            ["-L", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-P", _folder.Combine("pid"), "-l", "none"]);
        await Deadline.UntilAsync(() => _process.HasExited || CPeer.Accepts(port), "gearmand listens");
        Address = $"127.0.0.1:{port}";
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

    internal Task<CliResult> RunAsync(params string[] arguments)
    {
        var console = new TestConsole();
        console.Variables["FLOTILLA_SERVER"] = Address;
        return Run.FlotillaAsync(console, arguments);
    }
}
