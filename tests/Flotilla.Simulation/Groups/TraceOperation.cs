namespace Flotilla.Simulation.Groups;

/// <summary>What a command asked for.</summary>
public enum TraceOperation : byte
{
    None,
    Send,
    Join,
    Leave,
    Query,
    Flush,
    Lock,
    Unlock,
    Put,
    Get,
    Client,
    Discard,
}
