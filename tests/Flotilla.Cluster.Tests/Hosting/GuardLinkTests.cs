using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Cluster.Hosting;
using Flotilla.Guard;
using Flotilla.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A node and the guard of its server.</summary>
[Trait("tier", "full")]
public sealed class GuardLinkTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-link-").FullName;
    private readonly ConcurrentQueue<GuardStatus> _told = [];
    private GuardLink? _link;

    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
        {
            if (_link.State.IsAlive)
                await _link.Client.KillAsync();
            await Deadline.UntilAsync(() => _link.State.Phase != GuardedPhase.Running, "the server has ended");
            await _link.QuitAsync();
            await _link.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AGuardOfAnEarlierLifeThatHasNoServerIsReplacedByOneWithThePresentOptions()
    {
        await using (await GuardClient.ConnectOrStartAsync(Options("former")))
        {
            // It goes on for a minute.
        }

        var link = await StartAsync("present");
        await link.Client.StartAsync(GuardRole.Replica, 1, []);
        var path = Path.Combine(_folder, "said");
        await Deadline.UntilAsync(() => File.Exists(path) && File.ReadAllText(path) == "present\n", "the server is the one of the present options");
    }

    [Fact]
    public async Task OfDeadlinesThatAGuardDoesNotTakeOnlyTheLastCounts()
    {
        var link = await StartAsync("present");
        await link.Client.StartAsync(GuardRole.Primary, 1, []);
        await link.Client.StatusAsync();
        var guard = link.State.GuardProcess;
        Signal(guard, "STOP");
        _told.Clear();
        var began = BootClock.NowNs;
        var moves = Enumerable.Range(1, 100).Select(number => link.SetDeadlineAsync(2, began + (30_000_000_000 + number))).ToList();
        Signal(guard, "CONT");
        await Task.WhenAll(moves);
        Assert.Equal(began + 30_000_000_100, link.State.DeadlineNs);
        Assert.InRange(_told.Count, 1, 2);
    }

    private async Task<GuardLink> StartAsync(string word)
    {
        _link = new GuardLink(Options(word), new ServerName("db-a"), Post, () => { }, () => { }, NullLogger.Instance);
        _link.Start();
        await Deadline.UntilAsync(() => !_told.IsEmpty, "the guard is connected");
        return _link;
    }

    private Task Post(Func<long, AgentInput> make)
    {
        _told.Enqueue(Assert.IsType<GuardTold>(make(BootClock.NowNs)).Status);
        return Task.CompletedTask;
    }

    private GuardOptions Options(string word) => new() { Folder = _folder, Command = ["/bin/sh", "-c", $"echo {word} > said; exec sleep 60"] };

    private static void Signal(int process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
