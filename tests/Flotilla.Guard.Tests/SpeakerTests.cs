using System.Net.Sockets;
using Flotilla.Guard.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests;

/// <summary>Who may say what.</summary>
public sealed class SpeakerTests
{
    [Fact]
    public async Task TheLatestConnectionSpeaksAndTheFormerIsTold()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var former = await guard.ConnectAsync();
        await guard.StartAsync(former);
        await former.ArmAsync(1, TestGuard.After(20));
        var latest = await guard.ConnectAsync();
        await TestGuard.NextAsync(former, GuardEventKind.Superseded);

        Assert.Equal(former.State.GuardProcess, latest.State.GuardProcess);
        foreach (var request in (Func<Task>[])
        [
            () => former.ArmAsync(2, TestGuard.After(30)), () => former.ReleaseAsync(1), () => former.KillAsync(), () => former.StopAsync(TimeSpan.Zero), () => former.QuitAsync(),
            () => former.StartAsync(GuardRole.Primary, 3, []), () => former.AttachAsync(GuardRole.Primary, 3, Environment.ProcessId),
        ])
            Assert.Equal(GuardRefusal.NotSpeaker, (await Assert.ThrowsAsync<GuardRefusedException>(request)).Refusal);
        Assert.True(former.Lease(2, TestGuard.After(30)));
        Assert.Equal(GuardRefusal.NotSpeaker, (await TestGuard.NextAsync(former, GuardEventKind.LeaseRefused)).Refusal);
        var state = await latest.StatusAsync();
        Assert.True(state.IsAlive);
        Assert.Equal(1UL, state.Epoch);
        Assert.InRange(state.DeadlineNs, 1, TestGuard.After(20));
        await latest.ArmAsync(1, TestGuard.After(25));
    }

    [Fact]
    public async Task AnOldEpochIsRefusedInEverythingThatNamesOne()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client, 5);
        await client.ArmAsync(7, TestGuard.After(20));

        Assert.Equal((GuardRefusal.StaleEpoch, 7UL), await RefusedAsync(() => client.ArmAsync(6, TestGuard.After(30))));
        Assert.Equal((GuardRefusal.StaleEpoch, 7UL), await RefusedAsync(() => client.ReleaseAsync(6)));
        Assert.True(client.Lease(5, TestGuard.After(30)));
        Assert.Equal(GuardRefusal.StaleEpoch, (await TestGuard.NextAsync(client, GuardEventKind.LeaseRefused)).Refusal);
        await client.KillAsync();
        await TestGuard.NextAsync(client, GuardEventKind.Ended);
        Assert.Equal((GuardRefusal.StaleEpoch, 7UL), await RefusedAsync(() => client.StartAsync(GuardRole.Primary, 6, [])));
        Assert.Equal((GuardRefusal.StaleEpoch, 7UL), await RefusedAsync(() => client.AttachAsync(GuardRole.Primary, 6, Environment.ProcessId)));
        await guard.StartAsync(client, 7);
    }

    [Fact]
    public async Task AConnectionThatDoesNotClaimMayOnlyLook()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        using var raw = new RawPeer(guard);
        var packet = new byte[GuardProtocol.PacketBytesMax];
        raw.Send(packet.AsSpan(0, Request.WriteBare(packet, RequestType.Quit, 3)));
        Assert.Equal(GuardRefusal.NotSpeaker, raw.Reply(3).Refusal);
        raw.Send(packet.AsSpan(0, Request.WriteBare(packet, RequestType.Status, 4)));

        Assert.False(raw.Reply(4).State.Flags.HasFlag(GuardFlags.YouSpeak));
        Assert.True(raw.Last.State.Flags.HasFlag(GuardFlags.Spoken));
        Assert.True((await client.StatusAsync()).Flags.HasFlag(GuardFlags.YouSpeak));
        await guard.StartAsync(client);
        Assert.Equal(GuardChange.Started, raw.Receive()!.Value.State.Change);
    }

    [Fact]
    public async Task ALeaseThatIsTooLateOrTooLongChangesNothing()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        Assert.Equal(GuardRefusal.NoServer, (await RefusedAsync(() => client.ArmAsync(1, TestGuard.After(1)))).Refusal);
        await guard.StartAsync(client);

        Assert.Equal(GuardRefusal.DeadlinePassed, (await RefusedAsync(() => client.ArmAsync(1, TestGuard.After(-0.1)))).Refusal);
        Assert.Equal(GuardRefusal.DeadlineTooFar, (await RefusedAsync(() => client.ArmAsync(1, TestGuard.After(70)))).Refusal);
        var state = await client.StatusAsync();
        Assert.True(state.IsAlive);
        Assert.Equal(0, state.DeadlineNs);
    }

    [Fact]
    public async Task WrongBytesEndTheirConnectionOnly()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        foreach (var wrong in (byte[][])[[0], [9, 9, 9], [2, 1, 0, 0, 1, 0, 0, 0], [1, 0x44, 0, 0, 1, 0, 0, 0], [1, 1, 0, 0, 1, 0, 0, 0, 0], new byte[5000]])
        {
            using var raw = new RawPeer(guard);
            raw.Send(wrong);
            Assert.Equal(GuardRefusal.BadPacket, raw.Receive()!.Value.Refusal);
            Assert.Null(raw.Receive());
        }

        Assert.True((await client.StatusAsync()).IsAlive);
    }

    [Fact]
    public async Task APeerThatDoesNotReadIsLetGoAndHoldsUpNobody()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);
        using var raw = new RawPeer(guard);
        var packet = new byte[Request.HeaderBytes];
        _ = Request.WriteBare(packet, RequestType.Status, 2);

        var failure = Assert.ThrowsAny<Exception>(() =>
        {
            for (var i = 0; i < 1_000_000; i++)
                raw.Send(packet);
        });
        Assert.IsType<SocketException>(failure);
        await client.ArmAsync(1, TestGuard.After(20));
    }

    [Fact]
    public async Task MoreConnectionsThanThereIsRoomForAreTurnedAway()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        var peers = Enumerable.Range(0, GuardLoop.PeersMax - 1).Select(_ => new RawPeer(guard)).ToList();
        using (var oneTooMany = guard.ConnectRaw())
            Assert.Equal(0, oneTooMany.Receive(new byte[100]));
        peers[0].Dispose();
        await Deadline.UntilAsync(
            () =>
            {
                using var another = guard.ConnectRaw();
                return another.Receive(new byte[100]) > 0;
            },
            "there is room again");
        Assert.Equal(GuardedPhase.None, (await client.StatusAsync()).Phase);
        peers.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task AnotherUserIsNotListenedTo()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        await guard.ConnectAsync();
        const string connect = "socket(S, PF_UNIX, SOCK_SEQPACKET, 0); connect(S, sockaddr_un($ARGV[0])) or exit 3; recv(S, $b, 4096, 0); exit(length($b) ? 0 : 4)";
        string[] perl = ["/usr/bin/perl", "-MSocket", "-e", connect, guard.Options.EffectiveSocketPath];
        Assert.Equal(0, Processes.Run(perl[0], perl[1..]).Code);
        Assert.SkipUnless(Environment.UserName is "root", "only root may change users");
        string[] other = ["--reuid=65534", "--regid=65534", "--clear-groups", .. perl];
        File.SetUnixFileMode(guard.Options.Folder, (UnixFileMode)0x1FF);
        Assert.Equal(3, Processes.Run("/usr/bin/setpriv", other).Code);
        File.SetUnixFileMode(guard.Options.EffectiveSocketPath, (UnixFileMode)0x1FF);
        Assert.Equal(4, Processes.Run("/usr/bin/setpriv", other).Code);
    }

    private static async Task<(GuardRefusal Refusal, ulong Epoch)> RefusedAsync(Func<Task> request)
    {
        var refused = await Assert.ThrowsAsync<GuardRefusedException>(request);
        return (refused.Refusal, refused.Epoch);
    }
}
