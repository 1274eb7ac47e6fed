using Flotilla.Cluster.Topology;

namespace Flotilla.Cluster.Lines;

/// <summary>Statuses and roles in the words of the line protocol.</summary>
internal static class LineWords
{
    public static TopologyStatus? Status(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("on"u8) => TopologyStatus.Up,
        _ when word.SequenceEqual("off"u8) => TopologyStatus.Down,
        _ when word.SequenceEqual("starting"u8) => TopologyStatus.Starting,
        _ when word.SequenceEqual("stopping"u8) => TopologyStatus.Stopping,
        _ when word.SequenceEqual("standby"u8) => TopologyStatus.Standby,
        _ => null,
    };

    public static TopologyRole? Role(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("master"u8) => TopologyRole.Primary,
        _ when word.SequenceEqual("slave"u8) => TopologyRole.Replica,
        _ when word.SequenceEqual("standalone"u8) => TopologyRole.Standalone,
        _ => null,
    };

    /// <summary>There is no word for a server that hangs or of which nothing is known: nobody should use it. One in maintenance stands by.</summary>
    public static string Of(TopologyMember member) => member.Status switch
    {
        TopologyStatus.Up => member.IsInMaintenance ? "standby" : "on",
        TopologyStatus.Unknown or TopologyStatus.Down or TopologyStatus.Hung or TopologyStatus.Stale => "off",
        TopologyStatus.Starting => "starting",
        TopologyStatus.Stopping => "stopping",
        TopologyStatus.Standby => "standby",
        _ => throw new ArgumentOutOfRangeException(nameof(member), member.Status, null),
    };

    public static string Of(TopologyRole role) => role switch
    {
        TopologyRole.Primary => "master",
        TopologyRole.Replica => "slave",
        TopologyRole.Standalone => "standalone",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };
}
