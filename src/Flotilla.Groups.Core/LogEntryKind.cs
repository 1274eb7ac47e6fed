namespace Flotilla.Groups.Core;

/// <summary>What an entry of the log is.</summary>
public enum LogEntryKind : byte
{
    /// <summary>A <see cref="ClusterView"/>: the first entry of its epoch.</summary>
    View = 1,

    /// <summary>Bytes of the group layer: messages, joins, locks, ...</summary>
    Message = 2,
}
