using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>One connection to the machine under test. Arguments and answers are Latin-1 text; zero bytes show as <c>|</c>.</summary>
internal sealed class Peer(Rig rig, int slot)
{
    public int Slot { get; } = slot;

    public void Send(PacketType type, params string[] arguments)
        => SendBytes(type, Encoding.Latin1.GetBytes(string.Join('\0', arguments)));

    public void SendBytes(PacketType type, byte[] body, PacketMagic magic = PacketMagic.Request)
        => rig.Step(JobServerInput.Packet(rig.NowMs, new ConnectionId(Slot), magic, type, body));

    public void Say(string line) => rig.Step(JobServerInput.Line(rig.NowMs, new ConnectionId(Slot), Encoding.Latin1.GetBytes(line)));

    /// <summary>Says a line and takes everything that was answered.</summary>
    public string Ask(string line)
    {
        Say(line);
        return Text();
    }

    /// <summary>Sends a packet and takes the only packet that was answered.</summary>
    public string Ask(PacketType type, params string[] arguments)
    {
        Send(type, arguments);
        return Assert.Single(Received());
    }

    /// <summary>Submits and takes the handle.</summary>
    public string Submit(PacketType type, string function, string unique, string data)
    {
        var answer = Ask(type, function, unique, data);
        Assert.StartsWith("JobCreated ", answer, StringComparison.Ordinal);
        return answer["JobCreated ".Length..];
    }

    public void CanDo(params string[] functions)
    {
        foreach (var function in functions)
            Send(PacketType.CanDo, function);
    }

    /// <summary>Grabs and takes the answer, without the words before the job: <c>handle|function|data</c>, or null for NO_JOB.</summary>
    public string? Grab()
    {
        var answer = Ask(PacketType.GrabJob);
        return answer == "NoJob" ? null : answer["JobAssign ".Length..];
    }

    /// <summary>The handle of the job grabbed; fails when there is none.</summary>
    public string GrabHandle() => Grab()?.Split('|')[0] ?? throw new InvalidOperationException("no job");

    /// <summary>Takes all packets that were written since, each as its type and body.</summary>
    public List<string> Received()
    {
        var bytes = Bytes();
        var packets = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            Assert.True(PacketHeader.TryRead(bytes.AsSpan(at), out var header));
            Assert.Equal(PacketMagic.Response, header.Magic);
            at += PacketHeader.SizeBytes;
            var body = Encoding.Latin1.GetString(bytes, at, (int)header.BodyLengthBytes).Replace('\0', '|');
            at += (int)header.BodyLengthBytes;
            packets.Add(body.Length == 0 ? $"{header.Type}" : $"{header.Type} {body}");
        }

        return packets;
    }

    /// <summary>As <see cref="Received"/>, for a connection that also speaks text: what is no packet comes as it is, up to the next packet.</summary>
    public List<string> ReceivedMixed()
    {
        var bytes = Bytes();
        var messages = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            if (bytes[at] != 0)
            {
                var end = bytes.AsSpan(at).IndexOf((byte)0);
                var length = end < 0 ? bytes.Length - at : end;
                messages.Add(Encoding.Latin1.GetString(bytes, at, length));
                at += length;
                continue;
            }

            Assert.True(PacketHeader.TryRead(bytes.AsSpan(at), out var header));
            at += PacketHeader.SizeBytes;
            var body = Encoding.Latin1.GetString(bytes, at, (int)header.BodyLengthBytes).Replace('\0', '|');
            messages.Add(body.Length == 0 ? $"{header.Type}" : $"{header.Type} {body}");
            at += (int)header.BodyLengthBytes;
        }

        return messages;
    }

    public string Text() => Encoding.Latin1.GetString(Bytes());

    public byte[] Bytes()
    {
        var output = rig.Effects.Output(new ConnectionId(Slot));
        var bytes = output.ToArray();
        output.Clear();
        return bytes;
    }

    public void Disconnect() => rig.Disconnect(this);
}
