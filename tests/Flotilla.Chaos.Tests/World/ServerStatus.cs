namespace Flotilla.Chaos.Tests.World;

/// <summary>What the cluster says of a server.</summary>
internal sealed record ServerStatus(string Name, string Status, bool IsReadOnly, bool IsReceiving, string Error)
{
    public bool IsUp => Status == "up";
}
