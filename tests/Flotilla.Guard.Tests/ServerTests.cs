using System.Diagnostics;
using System.Globalization;
using Flotilla.Guard.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests;

/// <summary>How a server is started, stopped and attached to, and that it dies with its guard.</summary>
public sealed class ServerTests
{
    /// <summary>The guard's program where no <c>setpriv</c> is found.</summary>
    private static string[] WithoutSetPriv => ["/usr/bin/env", "PATH=/nowhere", .. OwnProgram.Command];

    [Fact]
    public async Task AServerGetsItsArgumentsALogAndNothingOfTheGuard()
    {
        await using var guard = new TestGuard("/bin/sh", "-c", "echo \"$0|$*\"; readlink /proc/self/fd/* >&2; env; exec sleep 100");
        guard.Options = guard.Options with { Command = [.. guard.Options.Command, "zero", "a b"] };
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client, 1, "--init-rpl-role=SLAVE", "", "ü\n'\"");
        await Deadline.UntilAsync(() => Processes.Run("/bin/ps", "-o", "comm=", "-p", $"{process}").Output.Trim() == "sleep", "it sleeps");

        Assert.Contains("zero|a b --init-rpl-role=SLAVE  ü\n'\"\n", guard.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET_TieredCompilation=0", guard.Log, StringComparison.Ordinal);
        Assert.Contains("PATH=", guard.Log, StringComparison.Ordinal);
        await Deadline.UntilAsync(() => Descriptors(process) == "0 1 2 3", "it has what it was given, and none of what its loader reads");
        Assert.Equal("/dev/null", new FileInfo($"/proc/{process}/fd/0").LinkTarget);
        Assert.Equal(guard.Options.EffectiveLogPath, new FileInfo($"/proc/{process}/fd/1").LinkTarget);
        Assert.Equal(guard.Options.EffectiveLogPath, new FileInfo($"/proc/{process}/fd/2").LinkTarget);
        Assert.Equal(guard.Options.Folder, new DirectoryInfo($"/proc/{process}/cwd").LinkTarget);
        Assert.Equal(0UL, Signals(process, "SigIgn"));
        Assert.Equal(0UL, Signals(process, "SigBlk"));
        Assert.Equal($"{process}", Processes.Run("/bin/ps", "-o", "sid=", "-p", $"{process}").Output.Trim());
        Assert.Equal("TS", Processes.Run("/bin/ps", "-o", "class=", "-p", $"{process}").Output.Trim());
        Assert.Equal("0 kB", Processes.Status(process, "VmLck"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AServerDiesWithItsGuard(bool hasSetPriv)
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync(hasSetPriv ? [] : WithoutSetPriv);
        var process = await guard.StartAsync(client);
        await Deadline.UntilAsync(() => Processes.Run("/bin/ps", "-o", "comm=", "-p", $"{process}").Output.Trim() == "sleep", "it sleeps");
        Processes.Signal(client.State.GuardProcess, "KILL");

        await TestGuard.NextAsync(client, GuardEventKind.Lost);
        await Deadline.UntilAsync(() => !Processes.IsAlive(process), "the server dies");
    }

    [Fact]
    public async Task AServerThatIsStartedByOurOwnProgramIsAsClean()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync(WithoutSetPriv);
        var process = await guard.StartAsync(client);
        await Deadline.UntilAsync(() => Processes.Run("/bin/ps", "-o", "comm=", "-p", $"{process}").Output.Trim() == "sleep", "it sleeps");

        await Deadline.UntilAsync(() => Descriptors(process) == "0 1 2 3", "it has what it was given, and none of what its loader reads");
        Assert.Equal(0UL, Signals(process, "SigIgn"));
        Assert.Equal(0UL, Signals(process, "SigBlk"));
        Assert.DoesNotContain("DOTNET_TieredCompilation=0", await File.ReadAllTextAsync($"/proc/{process}/environ"), StringComparison.Ordinal);
        await client.KillAsync();
        Assert.Equal(9, (await TestGuard.NextAsync(client, GuardEventKind.Ended)).State.ExitCode);
    }

    [Fact]
    public async Task WithoutSetPrivNoServerIsStartedAsAnotherUser()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        guard.Options = guard.Options with { User = "nobody" };

        var failure = await Assert.ThrowsAsync<GuardException>(() => guard.ConnectAsync(WithoutSetPriv));
        Assert.Contains("setpriv", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatChangesItsUserGetsNoLease()
    {
        Assert.SkipUnless(Environment.UserName is "root", "only root may change users");
        await using var guard = new TestGuard("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client);
        await Deadline.UntilAsync(() => Processes.Status(process, "Uid").StartsWith("65534", StringComparison.Ordinal), "it has changed its user");

        var refused = await Assert.ThrowsAsync<GuardRefusedException>(() => client.ArmAsync(1, TestGuard.After(1)));
        Assert.Equal(GuardRefusal.UserChanged, refused.Refusal);
    }

    [Fact]
    public async Task AServerOfAnotherUserDiesWithItsGuardAndGetsALease()
    {
        Assert.SkipUnless(Environment.UserName is "root", "only root may change users");
        await using var guard = new TestGuard("/bin/sleep", "100");
        guard.Options = guard.Options with { User = "nobody", Group = "nogroup" };
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client);
        await Deadline.UntilAsync(() => Processes.Run("/bin/ps", "-o", "user=,comm=", "-p", $"{process}").Output.Trim() == "nobody   sleep", "it sleeps as nobody");
        await client.ArmAsync(1, TestGuard.After(30));
        Processes.Signal(client.State.GuardProcess, "KILL");

        await Deadline.UntilAsync(() => !Processes.IsAlive(process), "the server dies");
    }

    [Fact]
    public async Task AServerThatStopsTellsItsExitCode()
    {
        await using var guard = new TestGuard("/bin/sh", "-c", "trap 'exit 7' TERM; echo trapped; while :; do sleep 0.1; done");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        await Deadline.UntilAsync(() => guard.Log.Contains("trapped", StringComparison.Ordinal), "it catches the signal");
        await client.StopAsync(TimeSpan.FromSeconds(30));

        var ended = await TestGuard.NextAsync(client, GuardEventKind.Ended);
        Assert.Equal((ServerExit.Code, 7, KillCause.None), (ended.State.Exit, ended.State.ExitCode, ended.State.Killed));
    }

    [Fact]
    public async Task AServerThatDoesNotStopInTimeIsKilled()
    {
        await using var guard = new TestGuard("/bin/sh", "-c", "trap '' TERM; echo trapped; exec sleep 100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        await Deadline.UntilAsync(() => guard.Log.Contains("trapped", StringComparison.Ordinal), "it ignores the signal");
        await client.StopAsync(TimeSpan.FromMilliseconds(300));
        Assert.True((await client.StatusAsync()).Flags.HasFlag(GuardFlags.Stopping));

        var ended = await TestGuard.NextAsync(client, GuardEventKind.Ended);
        Assert.Equal((ServerExit.Signal, 9, KillCause.Grace), (ended.State.Exit, ended.State.ExitCode, ended.State.Killed));
    }

    [Fact]
    public async Task AProgramThatIsNotThereEndsWithACodeAndALineInTheLog()
    {
        await using var guard = new TestGuard("/nowhere/mariadbd");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);

        var ended = await TestGuard.NextAsync(client, GuardEventKind.Ended);
        Assert.Equal((ServerExit.Code, 127), (ended.State.Exit, ended.State.ExitCode));
        Assert.Contains("/nowhere/mariadbd", guard.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerIsStartedAgainInAnotherRole()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        var first = await guard.StartAsync(client);
        await client.ArmAsync(1, TestGuard.After(20));
        Assert.Equal(GuardRefusal.ServerRuns, (await Assert.ThrowsAsync<GuardRefusedException>(() => client.StartAsync(GuardRole.Replica, 2, []))).Refusal);
        await client.KillAsync();
        Assert.Equal(GuardRefusal.NoServer, (await Assert.ThrowsAsync<GuardRefusedException>(() => client.ArmAsync(1, TestGuard.After(20)))).Refusal);
        await TestGuard.NextAsync(client, GuardEventKind.Ended);
        var second = await client.StartAsync(GuardRole.Replica, 2, []);

        var state = await client.StatusAsync();
        Assert.NotEqual(first, second);
        Assert.Equal((GuardedPhase.Running, GuardRole.Replica, 2UL, 0L, KillCause.None), (state.Phase, state.Role, state.Epoch, state.DeadlineNs, state.Killed));
        await client.KillAsync();
    }

    [Fact]
    public async Task WhatTheFormerServerStartedKeepsTheNextGuardFromStartingAnother()
    {
        await using var guard = new TestGuard("/bin/sh", "-c", "setsid sleep 61 & exec sleep 100");
        var client = await guard.ConnectAsync();
        var process = await guard.StartAsync(client);
        var left = 0;
        await Deadline.UntilAsync(() => (left = Child(process)) != 0, "its child runs");
        Processes.Signal(client.State.GuardProcess, "KILL");
        await Deadline.UntilAsync(() => !Processes.IsAlive(process), "the server dies");

        var next = await guard.ConnectAsync();
        var refused = await Assert.ThrowsAsync<GuardRefusedException>(() => next.StartAsync(GuardRole.Replica, 1, []));
        Assert.Equal(GuardRefusal.FormerServerEnding, refused.Refusal);
        Processes.Signal(left, "KILL");
        await Deadline.UntilAsync(() => !Processes.IsAlive(left), "its child is gone");
        await guard.StartAsync(next);
        await Deadline.UntilAsync(() => (left = Child(next.State.ServerProcess)) != 0, "its child runs");
        Processes.Signal(left, "KILL");
    }

    [Fact]
    public async Task AServerOfSomebodyElseIsGuarded()
    {
        await using var guard = new TestGuard();
        using var server = Process.Start("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        Assert.Equal(GuardRefusal.NoProgram, (await Assert.ThrowsAsync<GuardRefusedException>(() => client.StartAsync(GuardRole.Primary, 1, []))).Refusal);
        await client.AttachAsync(GuardRole.Primary, 1, server.Id);
        Assert.True((await client.StatusAsync()).Flags.HasFlag(GuardFlags.Attached));
        await client.ArmAsync(1, TestGuard.After(0.3));

        var ended = await TestGuard.NextAsync(client, GuardEventKind.Ended);
        Assert.Equal((KillCause.Deadline, ServerExit.Unknown, server.Id), (ended.State.Killed, ended.State.Exit, ended.State.ServerProcess));
        await server.WaitForExitAsync();
    }

    [Fact]
    public async Task AnotherProcessOfTheSameNumberIsNotAttachedTo()
    {
        await using var guard = new TestGuard();
        using var server = Process.Start("/bin/sleep", "100");
        _ = await guard.ConnectAsync();
        using var raw = new RawPeer(guard);
        raw.Claim();
        var packet = new byte[GuardProtocol.PacketBytesMax];
        raw.Send(packet.AsSpan(0, Request.WriteAttach(packet, 7, 1, GuardRole.Replica, server.Id, ProcessFiles.Began(server.Id) + 1)));

        Assert.Equal((GuardRefusal.NotAttached, 0), (raw.Reply(7).Refusal, raw.Last.Error));
        raw.Send(packet.AsSpan(0, Request.WriteAttach(packet, 8, 1, GuardRole.Replica, int.MaxValue, 1)));
        Assert.Equal(GuardRefusal.NotAttached, raw.Reply(8).Refusal);
        Assert.NotEqual(0, raw.Last.Error);
        server.Kill();
    }

    [Fact]
    public void TheBeginningOfAProcessIsReadAsTheKernelWritesIt()
    {
        var stat = File.ReadAllText($"/proc/{Environment.ProcessId}/stat");
        Assert.Equal(ulong.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture), ProcessFiles.Began(Environment.ProcessId));
        Assert.Equal(0UL, ProcessFiles.Began(int.MaxValue));
        Assert.True(ProcessFiles.IsOfUser(Environment.ProcessId, Libc.User));
        Assert.False(ProcessFiles.IsOfUser(Environment.ProcessId, Libc.User + 1));
        Assert.False(ProcessFiles.IsOfUser(int.MaxValue, Libc.User));
    }

    private static string Descriptors(int process) => string.Join(' ', Directory.GetFiles($"/proc/{process}/fd").Select(Path.GetFileName).Order());

    /// <summary>A set of the classic signals; those that the C library keeps for itself are no matter.</summary>
    private static ulong Signals(int process, string set)
        => ulong.Parse(Processes.Status(process, set), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & int.MaxValue;

    private static int Child(int process)
    {
        var children = File.Exists($"/proc/{process}/task/{process}/children") ? File.ReadAllText($"/proc/{process}/task/{process}/children").Trim() : "";
        return children.Length == 0 ? 0 : int.Parse(children.Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
