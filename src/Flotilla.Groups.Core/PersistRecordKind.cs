namespace Flotilla.Groups.Core;

/// <summary>What a node keeps on disk. The numbers are in the file format.</summary>
public enum PersistRecordKind : byte
{
    /// <summary>Cluster, node, incarnation: rewritten before an incarnation is used.</summary>
    Identity = 1,

    /// <summary>The highest ballot promised.</summary>
    Promise = 2,

    /// <summary>A proposed view this node accepted, with its ballot.</summary>
    Accepted = 3,

    /// <summary>A view that was installed.</summary>
    Installed = 4,

    /// <summary>An entry of the log.</summary>
    Entry = 5,

    /// <summary>Entries after a sequence number are void: they were in no view that followed.</summary>
    Truncate = 6,

    /// <summary>A piece of the shared state, or of a group's, as of a sequence number.</summary>
    Checkpoint = 7,

    /// <summary>Entries to a sequence number are covered by checkpoints: the runtime may drop them.</summary>
    Prune = 8,
}
