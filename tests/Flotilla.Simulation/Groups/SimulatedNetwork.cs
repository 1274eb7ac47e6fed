using System.Buffers.Binary;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// Directed links between nodes. As datagrams each frame may be lost, doubled and overtaken; as streams bytes of one connection keep their
/// order, come late instead of being lost, wait while the link is cut and are gone when the connection breaks.
/// </summary>
public sealed class SimulatedNetwork
{
    /// <summary>A lost segment is sent again after so long.</summary>
    private const long RetransmitNs = 200_000_000;

    /// <summary>What a socket takes that nobody reads; more is dropped with the connection.</summary>
    private const int HeldMax = 512;

    /// <summary>What waits longer for a thin link is dropped, as a sender's full buffer would.</summary>
    private const long QueueMaxNs = 2_000_000_000;

    private readonly LinkState[] _links;
    private readonly EventQueue _queue;
    private readonly SeededRandom _random;

    public SimulatedNetwork(int size, EventQueue queue, SeededRandom random, bool isStream)
    {
        Size = size;
        _queue = queue;
        _random = random;
        IsStream = isStream;
        _links = new LinkState[size * size];
        for (var i = 0; i < _links.Length; i++)
            _links[i] = new LinkState();
    }

    public int Size { get; }

    public bool IsStream { get; }

    public long Lost { get; private set; }

    public long Doubled { get; private set; }

    public long Overtaken { get; private set; }

    public LinkState Link(int from, int to) => _links[(from * Size) + to];

    /// <summary>Whether packets get through both ways, as a new connection needs.</summary>
    public bool IsOpen(int a, int b) => !Link(a, b).IsCut && !Link(b, a).IsCut;

    /// <summary>Sends what a node wrote for another: whole frames, length first.</summary>
    public void Send(int from, int to, long connection, byte[] bytes)
    {
        if (IsStream)
        {
            SendStream(from, to, connection, bytes);
            return;
        }

        for (var at = 0; at < bytes.Length;)
        {
            var length = 4 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            SendFrame(from, to, connection, at == 0 && length == bytes.Length ? bytes : bytes.AsSpan(at, length).ToArray());
            at += length;
        }
    }

    /// <summary>Cuts one direction; cuts add up.</summary>
    public void Cut(int from, int to) => Link(from, to).Cuts++;

    /// <summary>Takes one cut back; what a stream held goes on.</summary>
    public void Mend(int from, int to)
    {
        var link = Link(from, to);
        Invariant.Require(link.Cuts > 0);
        link.Cuts--;
        if (link.IsCut)
            return;
        foreach (var (connection, bytes) in link.Held)
            Schedule(link, from, to, connection, bytes, _random.Next(1, (int)RetransmitNs));
        link.Held.Clear();
    }

    /// <summary>All links are as new, but keep their delays.</summary>
    public void MendAll(Func<int, bool> isOf)
    {
        for (var from = 0; from < Size; from++)
        {
            for (var to = 0; to < Size; to++)
            {
                var link = Link(from, to);
                if (!isOf(from) || !isOf(to))
                    continue;
                while (link.IsCut)
                    Mend(from, to);
                (link.LossPpm, link.DuplicatePpm, link.ReorderPpm, link.ClogUntilNs) = (0, 0, 0, 0);
                (link.BytesPerSecond, link.MinDelayNs, link.MeanDelayNs) = (125_000_000, Math.Min(link.MinDelayNs, 2_000_000), Math.Min(link.MeanDelayNs, 2_000_000));
            }
        }
    }

    /// <summary>A stream's connection broke: what it held is gone.</summary>
    public void Forget(int from, int to) => Link(from, to).Held.Clear();

    private void SendStream(int from, int to, long connection, byte[] bytes)
    {
        var link = Link(from, to);
        if (link.IsCut)
        {
            if (link.Held.Count < HeldMax)
                link.Held.Add((connection, bytes));
            return;
        }

        var late = 0L;
        if (link.LossPpm > 0 && _random.Next(1_000_000) < link.LossPpm)
        {
            Lost++;
            late = RetransmitNs + _random.Next((int)RetransmitNs);
        }

        Schedule(link, from, to, connection, bytes, late);
    }

    private void SendFrame(int from, int to, long connection, byte[] frame)
    {
        var link = Link(from, to);
        if (link.IsCut)
            return;
        if (link.LossPpm > 0 && _random.Next(1_000_000) < link.LossPpm)
        {
            Lost++;
            return;
        }

        var late = 0L;
        if (link.ReorderPpm > 0 && _random.Next(1_000_000) < link.ReorderPpm)
        {
            Overtaken++;
            late = _random.Next(1, 50_000_000);
        }

        Schedule(link, from, to, connection, frame, late);
        if (link.DuplicatePpm > 0 && _random.Next(1_000_000) < link.DuplicatePpm)
        {
            Doubled++;
            Schedule(link, from, to, connection, frame, _random.Next(1, 100_000_000));
        }
    }

    private void Schedule(LinkState link, int from, int to, long connection, byte[] bytes, long lateNs)
    {
        var now = _queue.NowNs;
        if (link.BusyUntilNs - now > QueueMaxNs)
        {
            Lost++;
            return;
        }

        var sent = Math.Max(now, link.BusyUntilNs) + (bytes.Length * 1_000_000_000L / link.BytesPerSecond);
        link.BusyUntilNs = sent;
        var arrival = Math.Max(sent + link.MinDelayNs + Exponential(link.MeanDelayNs) + lateNs, link.ClogUntilNs);
        if (IsStream)
            arrival = link.LastArrivalNs = Math.Max(arrival, link.LastArrivalNs + 1);
        _queue.At(arrival, new WorldEvent(WorldEventKind.Arrive, to, from, connection, bytes));
    }

    // Mean times -ln(u), with a table-free approximation that is the same on every machine: the count of leading zero bits is geometric.
    private long Exponential(long mean)
    {
        if (mean == 0)
            return 0;
        var draw = _random.NextUInt64();
        var doublings = System.Numerics.BitOperations.LeadingZeroCount(draw | 1);
        var fraction = (long)((draw & 0xFFFF) * (ulong)mean >> 16);
        return (long)(0.69 * doublings * mean) + (long)(0.69 * fraction);
    }
}
