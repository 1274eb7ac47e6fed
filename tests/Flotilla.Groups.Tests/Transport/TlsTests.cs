using Flotilla.Groups.Transport;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Transport;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task NodesWithCertificatesOfOneAuthorityConnect()
    {
        using var authority = _certificates.MakeAuthority("authority");
        await using var a = new TransportNode(1, new TransportOptions { Tls = _certificates.MakeNode(authority, "a") });
        await using var b = new TransportNode(2, new TransportOptions { Tls = _certificates.MakeNode(authority, "b") });
        a.Connecting(b);
        b.Connecting(a);
        await Deadline.UntilAsync(() => a.Peers.Count == 1 && b.Peers.Count == 1, "connected");

        a.Send(b.Id, new byte[500_000]);
        b.Send(a.Id, [2]);

        await Deadline.UntilAsync(() => a.Frames.Count == 1 && b.Frames.Count == 1, "a frame each way");
        Assert.Empty(a.Lines.Warnings);
    }

    [Fact]
    public async Task ANodeWithACertificateOfAnotherAuthorityIsRefusedWithOneLine()
    {
        using var authority = _certificates.MakeAuthority("authority");
        using var other = _certificates.MakeAuthority("other");
        await using var a = new TransportNode(1, new TransportOptions { Tls = _certificates.MakeNode(authority, "a") }).Begin();
        await using var b = new TransportNode(2, new TransportOptions { Tls = _certificates.MakeNode(other, "b") }).Connecting(a);

        await Deadline.UntilAsync(() => b.Lines.Warnings.Any(), "the refusal");

        Assert.Contains("127.0.0.1", b.Lines.Warnings.First(), StringComparison.Ordinal);
        Assert.Empty(a.Peers);
        Assert.Empty(b.Peers);
    }

    [Fact]
    public async Task PlainBytesOnATlsPortAreOneLine()
    {
        using var authority = _certificates.MakeAuthority("authority");
        await using var a = new TransportNode(1, new TransportOptions { Tls = _certificates.MakeNode(authority, "a") }).Begin();
        using var hostile = await RawPeer.ConnectAsync(a.EndPoint);
        await hostile.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await hostile.EndsAsync();

        await Deadline.UntilAsync(() => a.Lines.Warnings.Any(), "a line");

        Assert.Contains("TLS handshake", Assert.Single(a.Lines.Warnings), StringComparison.Ordinal);
    }
}
