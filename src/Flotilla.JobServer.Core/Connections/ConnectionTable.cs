using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Connections by slot.</summary>
internal sealed class ConnectionTable
{
    private ConnectionState?[] _connections = new ConnectionState?[64];

    public int Count { get; private set; }

    /// <summary>One more than the largest slot seen.</summary>
    public int End { get; private set; }

    public ConnectionState? Find(int slot) => (uint)slot < (uint)End ? _connections[slot] : null;

    /// <summary>The connection in a slot that must be in use.</summary>
    public ConnectionState this[int slot]
    {
        get
        {
            var connection = Find(slot);
            Invariant.Require(connection is not null);
            return connection;
        }
    }

    public void Add(ConnectionState connection)
    {
        var slot = connection.Slot;
        Invariant.Require(slot >= 0 && Find(slot) is null);
        if (slot >= _connections.Length)
            Array.Resize(ref _connections, Math.Max(slot + 1, _connections.Length * 2));
        _connections[slot] = connection;
        End = Math.Max(End, slot + 1);
        Count++;
    }

    public void Remove(int slot)
    {
        Invariant.Require(Find(slot) is not null);
        _connections[slot] = null;
        Count--;
    }
}
