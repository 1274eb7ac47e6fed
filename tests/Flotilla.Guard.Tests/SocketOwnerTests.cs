using System.Net.Sockets;

namespace Flotilla.Guard.Tests;

/// <summary>Who listens on a Unix socket.</summary>
public sealed class SocketOwnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-owner-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "socket");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheListenerIsFoundAndSeenToLive()
    {
        using var listener = Listen();
        using var owner = SocketOwner.Find(Path);
        Assert.Equal((Environment.ProcessId, true), (owner!.Process, owner.IsAlive));
    }

    [Fact]
    public void NobodyIsFoundWhereNobodyListens()
    {
        Assert.Null(SocketOwner.Find(Path));
        Listen().Dispose();
        Assert.Null(SocketOwner.Find(Path));
    }

    [Fact]
    public void AListenerThatHasNoRoomIsNotWaitedFor()
    {
        using var listener = Listen(backlog: 0);
        using var full = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        full.Connect(new UnixDomainSocketEndPoint(Path));
        Assert.Null(SocketOwner.Find(Path));
    }

    private Socket Listen(int backlog = 4)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(backlog);
        return listener;
    }
}
