using System.Net;
using System.Net.Sockets;

namespace Flotilla.MySql.Tests;

public sealed class ConnectTests
{
    [Fact]
    public async Task AServerOutOfReachIsSaidSo()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var error = await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(new MySqlOptions { Port = port }));
        Assert.Contains($"127.0.0.1:{port}", error.Message);
        await Assert.ThrowsAsync<MySqlConnectException>(async () => await MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = "/nowhere/sock" }));
    }

    [Fact]
    public async Task AServerThatSaysNothingTimesOutAndCanBeCancelled()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var options = new MySqlOptions { Port = ((IPEndPoint)silent.LocalEndPoint!).Port };
        var late = await Assert.ThrowsAsync<MySqlTimeoutException>(async () => await MySqlConnection.OpenAsync(options with { ConnectTimeout = TimeSpan.FromMilliseconds(100) }));
        Assert.Contains("ConnectTimeout", late.Message);
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await MySqlConnection.OpenAsync(options, cancel.Token));
    }

    [Fact]
    public async Task WhoGaveUpBeforeItBeganWaitsForNoServer()
    {
        // Its queue is full: whoever connects next gets no answer.
        using var busy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        busy.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        busy.Listen(0);
        using var waiting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await waiting.ConnectAsync(busy.LocalEndPoint!, TestContext.Current.CancellationToken);
        var options = new MySqlOptions { Port = ((IPEndPoint)busy.LocalEndPoint!).Port };
        var dialing = Transport.Dialer.DialAsync(options, new CancellationToken(canceled: true)).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialing.WaitAsync(TimeSpan.FromSeconds(5)));
        using var cancel = new CancellationTokenSource(100);
        dialing = Transport.Dialer.DialAsync(options, cancel.Token).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dialing.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task AServerThatSpeaksSomethingElseIsSaidSo()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var opening = MySqlConnection.OpenAsync(new MySqlOptions { Port = ((IPEndPoint)other.LocalEndPoint!).Port }).AsTask();
        using var accepted = await other.AcceptAsync();
        await accepted.SendAsync("\u000a\0\0\0HTTP/1.1 4"u8.ToArray());
        await Assert.ThrowsAsync<MySqlProtocolException>(() => opening);
    }

    [Fact]
    public async Task WrongOptionsAreNamedAllAtOnce()
    {
        var error = await Assert.ThrowsAsync<MySqlOptionsException>(
            async () => await MySqlConnection.OpenAsync(new MySqlOptions { Port = 0, MaxPacketBytes = 1, TlsCaFile = "ca.pem", ConnectTimeout = TimeSpan.Zero }));
        Assert.All(["Port", "MaxPacketBytes", "TlsCaFile", "ConnectTimeout"], name => Assert.Contains(name, error.Message));
        Assert.Throws<MySqlOptionsException>(() => new MySqlPoolOptions { MaxSize = 0 }.Validate());
    }

    [Fact]
    public void OptionsNeverShowThePassword()
        => Assert.DoesNotContain("geheim", new MySqlOptions { Password = "geheim" }.ToString());
}
