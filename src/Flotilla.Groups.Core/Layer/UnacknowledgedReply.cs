namespace Flotilla.Groups.Core.Layer;

/// <summary>An answer that its asker has not said to have.</summary>
internal sealed class UnacknowledgedReply(MemberId to, ulong id, CommandResult result, byte[] body, long nowNs)
{
    public MemberId To { get; } = to;

    public ulong Id { get; } = id;

    public CommandResult Result { get; } = result;

    public byte[] Body { get; } = body;

    public long ForgetAtNs { get; } = nowNs + LayerLimits.ForgetNs;

    public long RetryNs { get; set; } = LayerLimits.RetryNs;

    public long AgainAtNs { get; set; } = nowNs + LayerLimits.RetryNs;
}
