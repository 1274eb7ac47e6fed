using Flotilla.Primitives;

namespace Flotilla.JobServer.Sessions;

/// <summary>
/// One connection's dialect: turns received bytes into inputs of the machine, and what the machine wrote into bytes for the peer.
/// Called under the machine's lock, from one thread at a time; holds no socket.
/// </summary>
public abstract class Session
{
    /// <summary>
    /// Takes whole messages from the head of <paramref name="received"/> and returns how many bytes it used; the rest comes again,
    /// with more behind it. Returns less than everything only when a message is incomplete, <see cref="AcceptsInput"/> turned false,
    /// or the connection is being closed.
    /// </summary>
    public abstract int Receive(ReadOnlySpan<byte> received, ISessionHost host);

    /// <summary>How many bytes the incomplete message at the head needs in all, where known: a hint for the buffer's size; else 0.</summary>
    public virtual int WantedBytes => 0;

    /// <summary>True when bytes of a message were taken whose rest is missing: the peer may not be silent for ever now.</summary>
    public virtual bool IsInsideMessage => false;

    /// <summary>
    /// False while an answer must be finished before the next message is taken (HTTP): the host then leaves received bytes where they
    /// are, reads no more than fits its buffer, still notices the peer's end, and calls <see cref="Receive"/> again with what it
    /// kept as soon as <see cref="Translate"/> made this true.
    /// </summary>
    public virtual bool AcceptsInput => true;

    /// <summary>False when the machine's packets go to the peer as they are.</summary>
    public virtual bool TranslatesOutput => false;

    /// <summary>Moves what the machine wrote (<paramref name="packets"/>, whole packets and lines) to <paramref name="output"/> in the peer's dialect.</summary>
    public virtual void Translate(ByteQueue packets, ByteQueue output, ISessionHost host) => throw new NotSupportedException();

    /// <summary>The peer will send no more (half-closed or gone). Called again with everything that is written to it until it is closed.</summary>
    public virtual void OnEndOfInput(ISessionHost host) => host.Close("closed by the peer");

    /// <summary>The connection is gone, whoever ended it: the last call. What the session holds goes back.</summary>
    public virtual void OnClosed()
    {
    }
}
