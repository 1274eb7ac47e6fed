namespace Flotilla.Groups.Core;

/// <summary>Names one cluster for ever; drawn by the node that proposes its first view. Nodes of different clusters never talk.</summary>
public readonly record struct ClusterId(ulong High, ulong Low)
{
    public bool IsNone => High == 0 && Low == 0;

    public override string ToString() => $"{High:x16}{Low:x16}";
}
