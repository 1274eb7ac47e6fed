namespace Flotilla.Groups.Core.Layer;

/// <summary>An external client connected to this node.</summary>
internal sealed class ClientConnection(uint number)
{
    public uint Number { get; } = number;

    /// <summary>None before its hello.</summary>
    public ClientId Id { get; set; }

    /// <summary>It sent bytes that make no sense: nothing of it is believed any more.</summary>
    public bool IsRefused { get; set; }

    public SortedSet<string> Watched { get; } = new(StringComparer.Ordinal);
}
