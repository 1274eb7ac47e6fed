using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Sessions;

/// <summary>The binary dialect and the text lines of port 4730: the machine speaks it itself, only the cutting into messages is done here.</summary>
public sealed class GearmanSession(int maxBodyBytes) : Session
{
    /// <summary>A stranger has a secret to give and nothing else; its packets are kept in memory until they are whole.</summary>
    private const int StrangerBodyBytesMax = 4096;

    private int _wantedBytes;
    private bool _isOver;

    public override int WantedBytes => _wantedBytes;

    public override int Receive(ReadOnlySpan<byte> received, ISessionHost host)
    {
        if (_isOver)
            return received.Length;
        var isStranger = !host.IsAuthenticated;
        var reader = new MessageReader(received, isStranger ? Math.Min(StrangerBodyBytesMax, maxBodyBytes) : maxBodyBytes);
        while (true)
        {
            switch (reader.Read())
            {
                case MessageKind.Packet:
                    host.Packet(reader.Magic, reader.Type, reader.Body);
                    break;
                case MessageKind.Line:
                    host.Line(reader.Body);
                    break;
                case MessageKind.NeedMore:
                    _wantedBytes = reader.WantedBytes;
                    return reader.ConsumedBytes;
                case MessageKind.Error when isStranger && host.IsAuthenticated:
                    // It gave the secret and went on at once: what was too much for a stranger may do now.
                    return reader.ConsumedBytes + Receive(received[reader.ConsumedBytes..], host);
                default:
                    Refuse(reader.Error, host);
                    return received.Length;
            }
        }
    }

    /// <summary>
    /// As in gearmand, a foreground client that ends its side has given up; but what was asked for before is answered, for
    /// <c>printf ... | nc -N</c> and its like.
    /// </summary>
    public override void OnEndOfInput(ISessionHost host)
    {
        if (!host.OwesAnswers)
            host.Close(_wantedBytes > 0 ? "the peer ended amid a packet" : null);
    }

    /// <summary>
    /// What follows a wrong header cannot be understood: the connection ends. A peer that merely wants too much is told so; one that does
    /// not speak the protocol would not understand.
    /// </summary>
    private void Refuse(ProtocolError error, ISessionHost host)
    {
        _isOver = true;
        if (error.Kind == ProtocolErrorKind.BodyTooLong)
            ErrorPacket.Write(host.Output, ErrorCodes.ArgumentTooLarge, "The packet is larger than this server takes"u8);
        host.Close(error.ToString());
    }
}
