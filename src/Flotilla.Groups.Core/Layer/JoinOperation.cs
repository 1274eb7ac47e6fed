namespace Flotilla.Groups.Core.Layer;

/// <summary>A join of one or several groups that waits for the state of all.</summary>
internal sealed class JoinOperation(ulong token, uint first, int waitsFor)
{
    public ulong Token { get; } = token;

    public uint First { get; } = first;

    public int WaitsFor { get; set; } = waitsFor;
}
