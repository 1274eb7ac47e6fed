using System.Net.Sockets;
using Flotilla.Guard.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests;

/// <summary>When a guard begins and ends.</summary>
public sealed class GuardLifeTests
{
    [Fact]
    public async Task AFolderHasOneGuard()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var clients = await Task.WhenAll(guard.ConnectAsync(), guard.ConnectAsync(), guard.ConnectAsync());
        Assert.Single(clients.Select(client => client.State.GuardProcess).Distinct());

        var second = Processes.Run(OwnProgram.Command[0], [.. OwnProgram.Command.Skip(1), GuardCommand.Name, .. guard.Options.ToArguments()]);
        Assert.Equal(GuardCommand.TakenCode, second.Code);
        Assert.Contains("has a guard", second.Output, StringComparison.Ordinal);
        Assert.Equal($"{clients[0].State.GuardProcess}\n", Processes.Run("/bin/cat", guard.Options.LockPath).Output);
    }

    [Fact]
    public async Task ASocketThatWasLeftIsReplaced()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var first = await guard.ConnectAsync();
        Processes.Signal(first.State.GuardProcess, "KILL");
        await TestGuard.NextAsync(first, GuardEventKind.Lost);
        Assert.True(File.Exists(guard.Options.EffectiveSocketPath));
        await Assert.ThrowsAsync<GuardException>(() => first.StatusAsync());

        var second = await guard.ConnectAsync();
        Assert.NotEqual(first.State.GuardProcess, second.State.GuardProcess);
        await guard.StartAsync(second);
    }

    [Fact]
    public async Task SignalsEndAGuardOnlyWithoutAServer()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        foreach (var signal in (string[])["TERM", "INT", "HUP", "QUIT"])
            Processes.Signal(client.State.GuardProcess, signal);
        await Task.Delay(300);
        Assert.True((await client.StatusAsync()).IsAlive);
        Assert.Equal($"{client.State.GuardProcess}", Processes.Run("/bin/ps", "-o", "sid=", "-p", $"{client.State.GuardProcess}").Output.Trim());
        await client.KillAsync();
        await TestGuard.NextAsync(client, GuardEventKind.Ended);
        Processes.Signal(client.State.GuardProcess, "TERM");
        await TestGuard.NextAsync(client, GuardEventKind.Lost);
        await Deadline.UntilAsync(() => !Processes.IsAlive(client.State.GuardProcess), "the guard is gone");
    }

    [Fact]
    public async Task AGuardQuitsWhenItIsToldAndHasNoServer()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        Assert.Equal(GuardRefusal.ServerRuns, (await Assert.ThrowsAsync<GuardRefusedException>(() => client.QuitAsync())).Refusal);
        await client.KillAsync();
        await TestGuard.NextAsync(client, GuardEventKind.Ended);
        await client.QuitAsync();
        await TestGuard.NextAsync(client, GuardEventKind.Lost);
        await Deadline.UntilAsync(() => !File.Exists(guard.Options.EffectiveSocketPath), "its socket is gone");
    }

    [Fact]
    public async Task AGuardThatNobodyNeedsEnds()
    {
        await using var guard = new TestGuard("/bin/sleep", "0.3");
        guard.Options = guard.Options with { Idle = TimeSpan.FromMilliseconds(100) };
        var client = await guard.ConnectAsync();
        var process = client.State.GuardProcess;
        await Task.Delay(300);
        Assert.True(Processes.IsAlive(process));
        await guard.StartAsync(client);
        await client.DisposeAsync();

        await Deadline.UntilAsync(() => !Processes.IsAlive(process), "the guard is gone");
        Assert.False(File.Exists(guard.Options.EffectiveSocketPath));
    }

    [Fact]
    public async Task AGuardThatIsStoppedTakesNoMoreLeasesAndHoldsUpNobody()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        Processes.Signal(client.State.GuardProcess, "STOP");
        var deadline = TestGuard.After(50);
        await Task.Run(() =>
        {
            while (client.Lease(1, deadline))
            {
                // Until its socket is full.
            }
        }).WaitAsync(Deadline.Default);
        Assert.Equal(0, client.State.DeadlineNs);
        Processes.Signal(client.State.GuardProcess, "CONT");

        await Deadline.UntilAsync(() => client.State.DeadlineNs == deadline, "it takes them when it goes on");
    }

    [Fact]
    public async Task AGuardWithoutDescriptorsWaitsAndKillsOnTime()
    {
        await using var usual = new TestGuard("/bin/sleep", "100");
        var used = Directory.GetFiles($"/proc/{(await usual.ConnectAsync()).State.GuardProcess}/fd").Select(file => int.Parse(Path.GetFileName(file))).ToHashSet();
        var free = Enumerable.Range(0, 1000).First(descriptor => !used.Contains(descriptor));
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync(["/bin/sh", "-c", $"ulimit -n {free + 2}; exec \"$@\"", "sh", .. OwnProgram.Command]);
        await guard.StartAsync(client);
        var deadline = TestGuard.After(2.5);
        await client.ArmAsync(1, deadline);
        var peers = Enumerable.Range(0, GuardLoop.PeersMax - 1).Select(_ => guard.ConnectRaw()).ToList();
        await Task.Delay(200);
        var before = Processes.Ticks(client.State.GuardProcess);

        var ended = (await TestGuard.NextAsync(client, GuardEventKind.Ended)).State;
        Assert.Contains(peers, peer => !peer.Poll(0, SelectMode.SelectRead));
        Assert.InRange(ended.KilledNs, deadline, deadline + GuardProtocol.NsPerSecond);
        Assert.InRange(Processes.Ticks(client.State.GuardProcess) - before, 0, 50);
        peers.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task AGuardGoesOnWhenItsProgramIsReplaced()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var copy = Directory.CreateTempSubdirectory("flotilla-program-").FullName;
        try
        {
            foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            var client = await guard.ConnectAsync("dotnet", "exec", Path.Combine(copy, "Flotilla.Guard.Tests.dll"));
            foreach (var file in Directory.GetFiles(copy))
            {
                await File.WriteAllTextAsync(file + ".new", "another version");
                File.Move(file + ".new", file, overwrite: true);
            }

            for (var epoch = 1UL; epoch <= 3; epoch++)
            {
                await guard.StartAsync(client, epoch);
                await client.ArmAsync(epoch, TestGuard.After(0.2));
                Assert.Equal(KillCause.Deadline, (await TestGuard.NextAsync(client, GuardEventKind.Ended)).State.Killed);
            }

            await client.StatusAsync();
            await client.QuitAsync();
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public void ACommandLineThatIsWrongSaysWhy()
    {
        Assert.Contains("absolute", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--folder", "here", "--", "/bin/sleep"])).Message, StringComparison.Ordinal);
        Assert.Contains("absolute", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--folder", "/tmp", "--", "sleep"])).Message, StringComparison.Ordinal);
        Assert.Contains("--foldr", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--foldr", "/tmp"])).Message, StringComparison.Ordinal);
        Assert.Contains("missing", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--folder"])).Message, StringComparison.Ordinal);
        Assert.Contains("longer", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--folder", "/" + new string('x', 108)])).Message, StringComparison.Ordinal);
        Assert.Contains("idle", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--folder", "/tmp", "--idle", "0"])).Message, StringComparison.Ordinal);
        Assert.Contains("group", Assert.Throws<GuardException>(() => GuardOptions.Parse(["--folder", "/tmp", "--group", "g"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsAreReadBackAsTheyWere()
    {
        var options = new GuardOptions
        {
            Folder = "/tmp/a b", Command = ["/bin/sleep", "--", "1"], User = "u", Group = "g", LogPath = "/l", SocketPath = "/s", Idle = TimeSpan.FromSeconds(2),
        };
        var read = GuardOptions.Parse([.. options.ToArguments()]);
        Assert.Equal(options.Command, read.Command);
        Assert.Equal(options with { Command = read.Command }, read);
    }
}
