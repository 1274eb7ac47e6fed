using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Launcher;

/// <summary>The program named gearmand, as an init system or a test suite meets it: with an empty environment.</summary>
public sealed class LauncherTests : IDisposable
{
    private const int Hup = 1;
    private const int Int = 2;
    private const int Kill = 9;
    private const int User1 = 10;
    private const int Term = 15;

    private readonly TempFolder _folder = new();
    private readonly int _port = FreePort.Next();
    private readonly List<int> _started = [];

    private string PidFile => _folder.Combine("pid");

    private string LogFile => _folder.Combine("log");

    private string[] Line => ["-p", _port.ToString(CultureInfo.InvariantCulture), "-L", "127.0.0.1", "-P", PidFile, "-l", LogFile, "--verbose", "INFO"];

    /// <summary>A test that fails leaves no server behind.</summary>
    public void Dispose()
    {
        foreach (var id in _started.Where(id => Directory.Exists($"/proc/{id}")))
            _ = kill(id, Kill);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Term)]
    [InlineData(Int)]
    [InlineData(User1)]
    public async Task StopsOnASignalWithExitCodeZeroAndTakesItsPidFileAlong(int signal)
    {
        using var process = await StartAsync(Line);
        Assert.Equal($"{process.Id}\n", await File.ReadAllTextAsync(PidFile));
        Assert.Equal(0, kill(process.Id, signal));
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        Assert.Equal(0, process.ExitCode);
        Assert.False(File.Exists(PidFile));
        Assert.Matches(@"\A   INFO \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \[  main \] Initializing Gear on port \d+ with SSL: false\n", await File.ReadAllTextAsync(LogFile));
        Assert.EndsWith("[  main ] Shutdown complete\n", await File.ReadAllTextAsync(LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InterruptsAreTakenEvenWhereAShellHadThemIgnored()
    {
        using var process = Run.Start("/bin/sh", ["-c", $"trap '' INT; exec {Run.GearmandPath} {string.Join(' ', Line)}"]);
        await ListensAsync(process);
        Assert.Equal(0, kill(process.Id, Int));
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task AGracefulStopWaitsForRunningJobs()
    {
        using var process = await StartAsync(Line);
        await using var worker = new RunningWorker($"127.0.0.1:{_port}", "wait", "--", "cat", _folder.Combine("fifo"));
        using (var fifo = Process.Start("mkfifo", _folder.Combine("fifo")))
            await fifo.WaitForExitAsync();
        await worker.ReadyAsync();
        var job = Run.FlotillaAsync("jobs", "submit", "wait", "-s", $"127.0.0.1:{_port}");
        await Deadline.UntilAsync(async () => (await AdminAsync("status")).Contains("wait\t1\t1\t1", StringComparison.Ordinal), "the job runs");
        Assert.Equal(0, kill(process.Id, User1));
        await Deadline.UntilAsync(() => File.ReadAllText(LogFile).Contains("Draining", StringComparison.Ordinal), "it drains");
        Assert.False(process.HasExited);
        await File.WriteAllTextAsync(_folder.Combine("fifo"), "done");
        Assert.Equal("done", (await job).Must());
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task HangUpOpensTheLogAgain()
    {
        using var process = await StartAsync(Line);
        File.Move(LogFile, _folder.Combine("log.1"));
        Assert.Equal(0, kill(process.Id, Hup));
        await Deadline.UntilAsync(() => File.Exists(LogFile) && File.ReadAllText(LogFile) == " NOTICE SIGHUP, reopening log file\n", "a new log begins");
        await EndAsync(process);
    }

    [Fact]
    public async Task TheDaemonListensWhenItsParentHasEnded()
    {
        var parent = await Run.ProgramAsync(Run.GearmandPath, [.. Line, "-d"]);
        parent.Must();
        var id = int.Parse(await File.ReadAllTextAsync(PidFile), CultureInfo.InvariantCulture);
        try
        {
            Assert.Equal("OK 2.0.0", (await AdminAsync("version"))[..8]);
            Assert.Equal($"OK {id}\n", await AdminAsync("getpid"));
            Assert.Equal(id, getsid(id));
            foreach (var descriptor in (int[])[0, 1, 2])
                Assert.Equal("/dev/null", new FileInfo($"/proc/{id}/fd/{descriptor}").LinkTarget);
            // An init script's start-stop-daemon --exec compares these two.
            Assert.Equal(Run.GearmandPath, new FileInfo($"/proc/{id}/exe").LinkTarget);
        }
        finally
        {
            _ = kill(id, Term);
        }

        await Deadline.UntilAsync(() => !File.Exists(PidFile) && !Directory.Exists($"/proc/{id}"), "the daemon ends");
    }

    [Fact]
    public async Task ADaemonThatCannotListenIsToldByItsParent()
    {
        using var first = await StartAsync(Line);
        var second = await Run.ProgramAsync(Run.GearmandPath, [.. Line, "-d"]);
        Assert.Equal(1, second.Code);
        Assert.Contains($"bind(Address already in use) for 127.0.0.1:{_port}", second.Errors, StringComparison.Ordinal);
        Assert.Equal($"{first.Id}\n", await File.ReadAllTextAsync(PidFile));
        await EndAsync(first);
    }

    [Fact]
    public async Task ALinkOfThatNameAnywhereIsTheLauncherToo()
    {
        var link = _folder.Combine("gearmand");
        File.CreateSymbolicLink(link, Run.FlotillaPath);
        var result = await Run.ProgramAsync(link, ["--version"]);
        Assert.StartsWith("\ngearmand 2.0.0+flotilla.", result.Must(), StringComparison.Ordinal);
        Assert.Equal($"{link}: unrecognised option '--bogus'\n", (await Run.ProgramAsync(link, ["--bogus"])).Errors);
    }

    [Fact]
    public async Task ALogThatCannotBeOpenedBecomesStandardError()
    {
        string[] line = ["-p", $"{_port}", "-L", "127.0.0.1", "-P", PidFile, "-l", "/nonexistent/log", "--verbose", "INFO"];
        using var process = Run.Start(Run.GearmandPath, line);
        await ListensAsync(process);
        await EndAsync(process);
        var errors = await process.StandardError.ReadToEndAsync();
        Assert.Contains("Could not open log file \"/nonexistent/log\"", errors, StringComparison.Ordinal);
        Assert.Contains("Shutdown complete", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AQueueInAFileSurvivesAKill()
    {
        string[] line = [.. Line, "-q", "file", "--file-store", _folder.Combine("store")];
        using (var process = await StartAsync(line))
        {
            (await Run.FlotillaAsync("jobs", "submit", "later", "x", "-b", "-s", $"127.0.0.1:{_port}")).Must();
            Assert.Equal(0, kill(process.Id, Kill));
            await process.WaitForExitAsync();
        }

        using var again = await StartAsync(line);
        Assert.Equal("later\t1\t0\t0\n.\n", await AdminAsync("status"));
        await EndAsync(again);
    }

    [Fact]
    public async Task OptionsReachTheServer()
    {
        using var process = await StartAsync([.. Line, "--job-handle-prefix", "X:test", "-r", "http", "--http-port", "0"]);
        var handle = (await Run.FlotillaAsync("jobs", "submit", "later", "x", "-b", "-s", $"127.0.0.1:{_port}")).Must();
        Assert.StartsWith("X:test:", handle, StringComparison.Ordinal);
        Assert.Equal("OK INFO\n", await AdminAsync("verbose"));
        Assert.Contains("Initializing HTTP", await File.ReadAllTextAsync(LogFile), StringComparison.Ordinal);
        await EndAsync(process);
    }

    private async Task<Process> StartAsync(string[] line)
    {
        var process = Run.Start(Run.GearmandPath, line);
        await ListensAsync(process);
        return process;
    }

    private async Task ListensAsync(Process process)
    {
        _started.Add(process.Id);
        await Deadline.UntilAsync(() => process.HasExited || (File.Exists(PidFile) && File.ReadAllText(PidFile).EndsWith('\n') && CPeer.Accepts(_port)), "it listens");
        Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync() : "");
    }

    private static async Task EndAsync(Process process)
    {
        _ = kill(process.Id, Term);
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        Assert.Equal(0, process.ExitCode);
    }

    private async Task<string> AdminAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(Deadline.Default);
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);

    [DllImport("libc")]
    private static extern int getsid(int process);
}
