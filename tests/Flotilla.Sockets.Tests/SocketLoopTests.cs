using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Flotilla.Primitives;
using Flotilla.TestSupport;

namespace Flotilla.Sockets.Tests;

/// <summary>What both kinds of loop owe their handlers.</summary>
public sealed class SocketLoopTests
{
    private const int Megabyte = 1024 * 1024;

    public static TheoryData<SocketLoopKind> Kinds => [SocketLoopKind.Epoll, SocketLoopKind.Portable];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ThousandsOfMessagesOfRandomSizesComeBackUnchanged(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind);
        var clients = Enumerable.Range(1, 4).Select(seed => Task.Run(() => ExchangeAsync(server, new SeededRandom((ulong)seed), 1000)));
        await Task.WhenAll(clients).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => server.Open == 0, "all connections end");
        Assert.All(server.Closed, closed => Assert.Equal(SocketCloseReason.Local, closed.Reason));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AnIncompleteMessageIsShownAgainWithMoreBehindIt(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind) { OnReceived = EchoFrames };
        using var client = server.Connect();
        var frame = Frame(3 * Megabyte, 7);
        foreach (var size in (int[])[1, 2, 1, 100_000, 65_536, 1_000_000])
        {
            client.Send(frame.AsSpan(0, size));
            frame = frame[size..];
        }

        var reading = Task.Run(() => ReadExactly(client, (3 * Megabyte) + 4 + 14));
        client.Send(frame);
        client.Send([.. Frame(2, 1), .. Frame(4, 2)]);
        var received = await reading.WaitAsync(Deadline.Default);
        Assert.Equal([.. Frame(3 * Megabyte, 7), .. Frame(2, 1), .. Frame(4, 2)], received);
        await Deadline.UntilAsync(() => server.Loop.ReceiveMemoryBytes == 0, "the buffers go back");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AClientThatSendsAndShutsDownStillGetsItsAnswer(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind);
        using var client = server.Connect();
        client.Send(new byte[Megabyte / 2]);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(Megabyte / 2, ReadToEnd(client));
        await Deadline.UntilAsync(() => server.Open == 0, "the connection ends");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AClosedConnectionSendsItsLastWordsToAPeerThatStillTalks(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind) { OnReceived = SayGoodbye };
        using var client = server.Connect();
        client.Send(new byte[8 * Megabyte]);

        // An end, not a reset, although the server wanted next to nothing of what was sent.
        Assert.Equal(3, ReadToEnd(client));
        await Deadline.UntilAsync(() => server.Open == 0, "the connection ends");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ManySlowReadersTogetherDoNotFillTheMemory(SocketLoopKind kind)
    {
        var options = new SocketLoopOptions { OutputPauseBytes = Megabyte, OutputTotalLimitBytes = 64 * Megabyte };
        var connections = new List<SocketConnection>();
        await using var server = new EchoServer(kind, options)
        {
            OnAccepted = connections.Add,
            OnPosted = _ =>
            {
                foreach (var connection in connections.Where(connection => connection.IsOpen))
                {
                    connection.Output.AppendShared(new byte[32 * Megabyte]);
                    connection.Flush();
                }
            },
        };
        var slow = Enumerable.Range(0, 8).Select(_ => server.Connect()).ToList();
        await Deadline.UntilAsync(() => server.Open == slow.Count, "all are accepted");
        server.Loop.Post("a message for each, within the limit of each");
        await Deadline.UntilAsync(() => server.Closed.Count >= slow.Count - 4, "what is too much is closed");
        Assert.All(server.Closed, closed => Assert.Equal(SocketCloseReason.SlowReader, closed.Reason));

        using var other = server.Connect();
        other.Send("x"u8);
        Assert.Single(ReadExactly(other, 1));
        slow.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task B15_ASlowReaderIsClosedAtItsLimitAndOthersGoOn(SocketLoopKind kind)
    {
        var options = new SocketLoopOptions { OutputPauseBytes = Megabyte, OutputLimitBytes = 8 * Megabyte };
        var connections = new List<SocketConnection>();
        await using var server = new EchoServer(kind, options)
        {
            OnAccepted = connections.Add,
            OnPosted = _ =>
            {
                connections[0].Output.AppendShared(new byte[Megabyte]);
                connections[0].Flush();
            },
        };
        using var slow = server.Connect();
        using var other = server.Connect();
        await Deadline.UntilAsync(() => server.Open == 2, "both are accepted");
        for (var posted = 0; server.Closed.IsEmpty; posted++)
        {
            Assert.True(posted < 100, "more was buffered than can be");
            server.Loop.Post("more");
            other.Send("x"u8);
            Assert.Single(ReadExactly(other, 1));
        }

        Assert.Equal(SocketCloseReason.SlowReader, Assert.Single(server.Closed).Reason);
        other.Send("x"u8);
        Assert.Single(ReadExactly(other, 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task APeerThatDoesNotReadIsNotReadFromEither(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind, new SocketLoopOptions { OutputPauseBytes = Megabyte });
        using var slow = server.Connect();
        slow.Blocking = false;
        var sent = 0L;
        var lastProgress = Environment.TickCount64;
        while (Environment.TickCount64 - lastProgress < 300)
        {
            try
            {
                sent += slow.Send(new byte[65536]);
                lastProgress = Environment.TickCount64;
                Assert.True(sent < 100L * Megabyte, "the server reads without end");
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                await Task.Delay(5);
            }
        }

        slow.Blocking = true;
        Assert.Equal(sent, ReadExactly(slow, (int)sent).Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AReaderThatCatchesUpIsServedToTheEnd(SocketLoopKind kind)
    {
        var options = new SocketLoopOptions { OutputPauseBytes = 64 * 1024, OutputLimitBytes = 4L * Megabyte };
        await using var server = new EchoServer(kind, options);
        using var client = server.Connect();
        var all = new byte[32 * Megabyte];
        new SeededRandom(5).Fill(all.AsSpan(0, 1000));
        var sending = Task.Run(() => client.Send(all));
        Assert.Equal(all, ReadExactly(client, all.Length));
        await sending;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task MessagesPostedFromManyThreadsAllArriveInTheirOrder(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind);
        const int Threads = 4;
        const int Each = 5000;
        var posting = Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                server.Loop.Post((thread, i));
        }));
        await Task.WhenAll(posting);
        await Deadline.UntilAsync(() => server.Posted.Count == Threads * Each, "all messages arrive");
        foreach (var group in server.Posted.Cast<(int Thread, int Number)>().GroupBy(message => message.Thread))
            Assert.Equal(Enumerable.Range(0, Each), group.Select(message => message.Number));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AThousandConnectionsAreServedAtOnce(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind);
        var clients = Enumerable.Range(0, 1000).Select(_ => server.Connect()).ToList();
        await Deadline.UntilAsync(() => server.Open == clients.Count, "all are accepted");
        for (var i = 0; i < clients.Count; i++)
            clients[i].Send(BitConverter.GetBytes(i));
        for (var i = 0; i < clients.Count; i++)
            Assert.Equal(i, BitConverter.ToInt32(ReadExactly(clients[i], 4)));
        clients.ForEach(client => client.Dispose());
        await Deadline.UntilAsync(() => server.Open == 0, "all ends are seen");
        await Deadline.UntilAsync(() => server.Loop.ConnectionCount == 0, "all are released");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ALoopConnectsToAnotherAndHearsOfRefusals(SocketLoopKind kind)
    {
        await using var server = new EchoServer(kind);
        var received = new TaskCompletionSource<int>();
        await using var client = new EchoServer(kind)
        {
            OnAccepted = connection =>
            {
                connection.Output.Append("hello"u8);
                connection.Flush();
            },
            OnReceived = connection =>
            {
                received.TrySetResult(connection.Unread.Length);
                return connection.Unread.Length;
            },
        };
        client.Loop.Connect(server.EndPoint, "up", TimeSpan.FromSeconds(10));
        Assert.Equal(5, await received.Task.WaitAsync(Deadline.Default));
        var closed = server.EndPoint;
        await server.DisposeAsync();
        client.Loop.Connect(closed, "refused", TimeSpan.FromSeconds(10));
        await Deadline.UntilAsync(() => client.Told.Any(told => told.Kind == SocketEventKind.ConnectFailed), "the refusal is told");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task UnixSocketsAndIPv6WorkAlike(SocketLoopKind kind)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        foreach (var endPoint in (EndPoint[])[new UnixDomainSocketEndPoint(path), new IPEndPoint(IPAddress.IPv6Loopback, 0)])
        {
            string? address = null;
            await using var server = new EchoServer(kind, endPoint: endPoint) { OnAccepted = c => address = c.DescribeAddress() };
            using var client = server.Connect();
            client.Send("abc"u8);
            Assert.Equal("abc"u8.ToArray(), ReadExactly(client, 3));
            Assert.Equal(endPoint is IPEndPoint ? "::1" : "unix", address);
        }

        Assert.False(File.Exists(path));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ASocketFileThatAKilledServerLeftIsReplaced(SocketLoopKind kind)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
            File.Move(path, path + ".kept");
        }

        File.Move(path + ".kept", path);
        await using var server = new EchoServer(kind, endPoint: new UnixDomainSocketEndPoint(path));
        using var client = server.Connect();
        client.Send("x"u8);
        Assert.Single(ReadExactly(client, 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task ConnectionsAreDroppedWhenTheLoopStops(SocketLoopKind kind)
    {
        var server = new EchoServer(kind);
        using var client = server.Connect();
        await Deadline.UntilAsync(() => server.Open == 1, "it is accepted");
        await server.DisposeAsync();
        Assert.Equal(SocketCloseReason.Stopped, Assert.Single(server.Closed).Reason);
        Assert.Equal(0, ReadToEnd(client));
        Assert.Throws<SocketException>(server.Connect);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task AnExceptionOfTheHandlerEndsTheLoopWithAReport(SocketLoopKind kind)
    {
        var server = new EchoServer(kind) { OnReceived = _ => throw new InvalidOperationException("broken") };
        using var client = server.Connect();
        client.Send("x"u8);
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Loop.Completion.WaitAsync(Deadline.Default));
        await server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("tier", "full")]
    public async Task IncompleteMessagesShareALimitAndAllGetThrough(SocketLoopKind kind)
    {
        var options = new SocketLoopOptions { ReceiveLimitBytes = 256 * 1024 };
        await using var server = new EchoServer(kind, options) { OnReceived = EchoFrames };
        var frame = Frame(Megabyte, 3);
        var clients = Enumerable.Range(0, 6).Select(_ => server.Connect()).ToList();
        var sending = clients.Select(client => Task.Run(() => client.Send(frame))).ToList();
        var reading = clients.Select(client => Task.Run(() => ReadExactly(client, frame.Length))).ToList();
        Assert.All(await Task.WhenAll(reading).WaitAsync(Deadline.Default), bytes => Assert.Equal(frame, bytes));
        await Task.WhenAll(sending);
        clients.ForEach(client => client.Dispose());
    }

    private static async Task ExchangeAsync(EchoServer server, SeededRandom random, int messages)
    {
        using var client = server.Connect();
        using var stream = new NetworkStream(client);
        for (var i = 0; i < messages; i++)
        {
            var sent = new byte[1 + random.Next(random.OneIn(50) ? 300_000 : 2000)];
            random.Fill(sent);
            var back = new byte[sent.Length];
            var reading = stream.ReadExactlyAsync(back);
            await stream.WriteAsync(sent);
            await reading;
            Assert.Equal(sent, back);
        }
    }

    private static int EchoFrames(SocketConnection connection)
    {
        var unread = connection.Unread;
        var used = 0;
        while (unread.Length - used >= 4)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(unread[used..]) + 4;
            if (unread.Length - used < length)
                break;
            connection.Output.Append(unread.Slice(used, length));
            used += length;
        }

        return used;
    }

    private static int SayGoodbye(SocketConnection connection)
    {
        connection.Output.Append("bye"u8);
        connection.Close();
        return connection.Unread.Length;
    }

    private static byte[] Frame(int length, byte value)
    {
        var frame = new byte[length + 4];
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        frame.AsSpan(4).Fill(value);
        return frame;
    }

    private static byte[] ReadExactly(Socket client, int count)
    {
        var all = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = client.Receive(all.AsSpan(at));
            if (read == 0)
                throw new EndOfStreamException($"{at} of {count} bytes");
            at += read;
        }

        return all;
    }

    private static int ReadToEnd(Socket client)
    {
        var buffer = new byte[65536];
        var sum = 0;
        while (true)
        {
            var read = client.Receive(buffer);
            if (read == 0)
                return sum;
            sum += read;
        }
    }
}
