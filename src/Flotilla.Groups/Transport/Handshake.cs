using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Transport;

/// <summary>
/// The beginning of a connection, one end of it: Hello -> HelloReply -> Proof -> Accepted. Each side draws a nonce; each proves that it has the secret by
/// HMAC-SHA256 over its role and both hellos, so that nothing of one connection can be replayed in another, or to the other side, and nothing that
/// either said can be changed. The acceptor decides last: when both dial at once exactly one connection stays.
/// </summary>
internal sealed class Handshake(bool isDialler, Hello local, byte[]? secret)
{
    /// <summary>Longest frame of a handshake.</summary>
    public const int MaxFrameBytes = 2048;

    private const int ProofBytes = 32;
    private const int MaxReasonBytes = 512;

    private readonly byte[] _local = local.ToBytes();
    private byte[] _remote = [];
    private HandshakeState _state = isDialler ? HandshakeState.AwaitsHelloReply : HandshakeState.AwaitsHello;

    public bool IsDialler => isDialler;

    /// <summary>The other side; proven only in the states that say so.</summary>
    public Hello? Peer { get; private set; }

    public RefusalCode Code { get; private set; }

    /// <summary>Why it failed.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The other side refused; what <see cref="Reason"/> says is its own word.</summary>
    public bool WasRefused { get; private set; }

    public HandshakeState State => _state;

    /// <summary>The dialler's first frame.</summary>
    public void Begin(ByteQueue output)
    {
        Invariant.Require(isDialler);
        Write(output, HandshakeFrame.Hello, _local);
    }

    /// <summary>Takes a frame (type first). When it returns <see cref="HandshakeState.Failed"/>, a refusal for the peer is in the output.</summary>
    public HandshakeState Receive(ReadOnlySpan<byte> frame, ByteQueue output)
    {
        var body = frame[1..];
        switch ((_state, (HandshakeFrame)frame[0]))
        {
            case (HandshakeState.AwaitsHello, HandshakeFrame.Hello):
                OnHello(body, output);
                break;
            case (HandshakeState.AwaitsHelloReply, HandshakeFrame.HelloReply):
                OnHelloReply(body, output);
                break;
            case (HandshakeState.AwaitsProof, HandshakeFrame.Proof):
                OnProof(body, output);
                break;
            case (HandshakeState.AwaitsAccepted, HandshakeFrame.Accepted):
                _state = HandshakeState.Done;
                break;
            case (HandshakeState.AwaitsHelloReply or HandshakeState.AwaitsAccepted, HandshakeFrame.Refused):
                OnRefused(body);
                break;
            default:
                Fail(output, RefusalCode.Protocol, $"frame of type {frame[0]} came where the handshake was {_state}");
                break;
        }

        return _state;
    }

    /// <summary>The dialler knows whom it reached, and wants the connection.</summary>
    public void Confirm(ByteQueue output)
    {
        Invariant.Require(_state == HandshakeState.PeerKnown);
        _state = HandshakeState.AwaitsAccepted;
        Span<byte> proof = stackalloc byte[ProofBytes];
        Write(output, HandshakeFrame.Proof, secret is null ? default : Prove("dialler"u8, _local, _remote, proof));
    }

    /// <summary>The acceptor takes the connection.</summary>
    public void Accept(ByteQueue output)
    {
        Invariant.Require(_state == HandshakeState.Proven);
        _state = HandshakeState.Done;
        Write(output, HandshakeFrame.Accepted, default);
    }

    /// <summary>Ends it, and tells the peer why.</summary>
    public void Fail(ByteQueue output, RefusalCode code, string reason)
    {
        _state = HandshakeState.Failed;
        Code = code;
        Reason = reason;
        var text = Encoding.UTF8.GetBytes(reason);
        Span<byte> body = stackalloc byte[1 + MaxReasonBytes];
        var length = Math.Min(text.Length, MaxReasonBytes);
        body[0] = (byte)code;
        text.AsSpan(0, length).CopyTo(body[1..]);
        Write(output, HandshakeFrame.Refused, body[..(1 + length)]);
    }

    public static void Write(ByteQueue output, HandshakeFrame type, ReadOnlySpan<byte> body)
    {
        var span = output.GetSpan(FrameLimits.HeaderSizeBytes + body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)(1 + body.Length));
        span[4] = (byte)type;
        body.CopyTo(span[FrameLimits.HeaderSizeBytes..]);
        output.Advance(FrameLimits.HeaderSizeBytes + body.Length);
    }

    private void OnHello(ReadOnlySpan<byte> body, ByteQueue output)
    {
        if (!TakeHello(body, body.Length, output))
            return;
        _state = HandshakeState.AwaitsProof;
        var reply = new byte[_local.Length + ProofBytes];
        _local.CopyTo(reply, 0);
        if (secret is not null)
            Prove("acceptor"u8, _remote, _local, reply.AsSpan(_local.Length));
        Write(output, HandshakeFrame.HelloReply, reply);
    }

    private void OnHelloReply(ReadOnlySpan<byte> body, ByteQueue output)
    {
        if (body.Length < ProofBytes)
            Fail(output, RefusalCode.Protocol, "the answer to the hello is too short");
        else if (TakeHello(body[..^ProofBytes], body.Length - ProofBytes, output))
            Check("acceptor"u8, _local, _remote, body[^ProofBytes..], HandshakeState.PeerKnown, output);
    }

    private void OnProof(ReadOnlySpan<byte> body, ByteQueue output)
    {
        if (body.Length != (secret is null ? 0 : ProofBytes))
            Fail(output, RefusalCode.Protocol, $"the proof has {body.Length} bytes");
        else
            Check("dialler"u8, _remote, _local, body, HandshakeState.Proven, output);
    }

    private void Check(ReadOnlySpan<byte> role, byte[] dialler, byte[] acceptor, ReadOnlySpan<byte> proof, HandshakeState next, ByteQueue output)
    {
        Span<byte> expected = stackalloc byte[ProofBytes];
        if (secret is null || CryptographicOperations.FixedTimeEquals(Prove(role, dialler, acceptor, expected), proof))
            _state = next;
        else
            Fail(output, RefusalCode.Secret, "its secret is another one");
    }

    private bool TakeHello(ReadOnlySpan<byte> body, int length, ByteQueue output)
    {
        if (!Hello.TryRead(body, out var hello, out var used) || hello is null || used != length)
            Fail(output, RefusalCode.Protocol, "it begins with no hello");
        else if (hello.WireVersion > FrameLimits.WireVersion)
            Fail(output, RefusalCode.Version, $"it speaks wire format {hello.WireVersion}, this node up to {FrameLimits.WireVersion}: upgrade this node first");
        else if (hello.HasSecret != (secret is not null))
            Fail(output, RefusalCode.Secret, secret is null ? "it has a secret, this node has none" : "it has no secret, this node demands one");
        else if (!hello.Cluster.IsNone && !local.Cluster.IsNone && hello.Cluster != local.Cluster)
            Fail(output, RefusalCode.Cluster, $"it belongs to cluster {hello.Cluster}, this node to {local.Cluster}: they never merge; to let one join the other's cluster, stop it and give it an empty data directory");
        else if (isDialler && hello.Role != PeerRole.Node)
            Fail(output, RefusalCode.Protocol, "it is no node");
        else
            return Keep(hello, body);
        return false;
    }

    private bool Keep(Hello hello, ReadOnlySpan<byte> body)
    {
        Peer = hello;
        _remote = body.ToArray();
        return true;
    }

    private void OnRefused(ReadOnlySpan<byte> body)
    {
        _state = HandshakeState.Failed;
        WasRefused = true;
        Code = body.IsEmpty ? RefusalCode.Protocol : (RefusalCode)body[0];
        // Whatever it says goes to a log: one line of it, in printable characters.
        var text = body.Length > 1 ? Encoding.UTF8.GetString(body[1..Math.Min(body.Length, MaxReasonBytes + 1)]) : "";
        Reason = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
    }

    private Span<byte> Prove(ReadOnlySpan<byte> role, byte[] dialler, byte[] acceptor, Span<byte> target)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret!);
        mac.AppendData("flotilla groups "u8);
        mac.AppendData(role);
        Span<byte> lengths = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(lengths, dialler.Length);
        BinaryPrimitives.WriteInt32LittleEndian(lengths[4..], acceptor.Length);
        mac.AppendData(lengths);
        mac.AppendData(dialler);
        mac.AppendData(acceptor);
        mac.GetHashAndReset(target);
        return target;
    }
}
