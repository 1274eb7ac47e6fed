using System.Text;
using Flotilla.Groups.Core;
using Flotilla.Groups.Transport;
using Flotilla.Primitives;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Tests.Transport;

public sealed class HandshakeTests
{
    private static readonly byte[] s_secret = Encoding.UTF8.GetBytes("a secret of the cluster");

    private static Hello Full => new()
    {
        HasSecret = true,
        Cluster = new ClusterId(1, 2),
        Id = new MemberId(new NodeId(3), 4),
        Instance = 5,
        Nonce = [.. Enumerable.Range(0, Hello.NonceBytes).Select(value => (byte)value)],
        Name = "näme",
        Address = "host:4740",
    };

    [Fact]
    public void AHelloIsReadBackAsItWas()
    {
        var bytes = Full.ToBytes();

        Assert.True(Hello.TryRead(bytes, out var read, out var used));
        Assert.Equal(bytes.Length, used);
        Assert.Equal(Full with { Nonce = read!.Nonce }, read);
        Assert.Equal(Full.Nonce, read.Nonce);
        Assert.Equal(bytes, read.ToBytes());
    }

    [Fact]
    public void HelloHasTheBytesThatTheDocumentSays()
        => Assert.Equal(
            "464C4F5447525550" + "0100" + "01" + "01" + "0100000000000000" + "0200000000000000" + "0300000000000000" + "04000000" + "0500000000000000"
            + "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F" + "05" + "6EC3A46D65" + "0900" + "686F73743A34373430",
            Convert.ToHexString(Full.ToBytes()));

    [Fact]
    public void NoStrictPrefixIsAHello()
    {
        var bytes = Full.ToBytes();
        for (var length = 0; length < bytes.Length; length++)
            Assert.False(Hello.TryRead(bytes.AsSpan(0, length), out _, out _));
    }

    [Fact]
    public void NothingThatAnybodySaidCanBeChangedOnTheWay()
    {
        for (var at = 0; at < Full.ToBytes().Length; at++)
        {
            var dialler = new Handshake(isDialler: true, Full, s_secret);
            var acceptor = new Handshake(isDialler: false, Full with { Id = new MemberId(new NodeId(9), 1) }, s_secret);
            var toAcceptor = new ByteQueue();
            var toDialler = new ByteQueue();
            dialler.Begin(toAcceptor);
            var hello = toAcceptor.ToArray()[4..];
            hello[1 + at] ^= 1;

            if (acceptor.Receive(hello, toDialler) == HandshakeState.Failed)
                continue;
            Assert.Equal(HandshakeState.Failed, dialler.Receive(toDialler.ToArray().AsSpan(4), toAcceptor));
            Assert.Equal(RefusalCode.Secret, dialler.Code);
        }
    }

    [Fact]
    public void WhatARefusalSaysIsOneLineOfPrintableCharacters()
    {
        var dialler = new Handshake(isDialler: true, Full, s_secret);

        dialler.Receive([(byte)HandshakeFrame.Refused, (byte)RefusalCode.Full, .. "full\r\nError forged"u8], new ByteQueue());

        Assert.Equal("full  Error forged", dialler.Reason);
    }

    [Fact]
    public void FuzzedHandshakesNeverThrowNorSucceed()
    {
        var dialler = new Handshake(isDialler: true, Full, s_secret);
        var output = new ByteQueue();
        dialler.Begin(output);
        var hello = output.ToArray();
        byte[][] seeds = [hello, RawPeer.Frame((byte)HandshakeFrame.Proof, new byte[32]), [.. hello, .. RawPeer.Frame((byte)HandshakeFrame.Proof, new byte[32])], RawPeer.Frame((byte)HandshakeFrame.Refused, [1, 65, 66])];
        Fuzzer.Run("groups-handshake", seeds, Fuzz, new FuzzOptions { Inputs = 100_000, Budget = TimeSpan.FromSeconds(4) });
    }

    private static void Fuzz(ReadOnlySpan<byte> input)
    {
        var output = new ByteQueue();
        var handshake = new Handshake(isDialler: (input.Length & 1) != 0, Full with { Id = new MemberId(new NodeId(9), 1) }, s_secret);
        while (FrameSplitter.TrySplit(input, Handshake.MaxFrameBytes, out var frame, out var total))
        {
            var state = handshake.Receive(frame, output);
            if (state is HandshakeState.Proven or HandshakeState.PeerKnown or HandshakeState.Done)
                throw new InvalidOperationException($"it came to {state} without the secret");
            if (state == HandshakeState.Failed)
                break;
            input = input[total..];
        }

        output.Clear();
    }
}
