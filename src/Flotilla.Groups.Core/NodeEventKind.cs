namespace Flotilla.Groups.Core;

/// <summary>What a <see cref="NodeEvent"/> tells.</summary>
public enum NodeEventKind : byte
{
    /// <summary>Waiting for nodes (genesis, recovery, majority): the text says for whom.</summary>
    Waiting = 1,

    /// <summary>A path was cut and is relayed; or is direct again.</summary>
    PathChanged,

    /// <summary>Members are suspected; the text says on what evidence.</summary>
    Suspected,

    /// <summary>A view change began.</summary>
    ChangeBegan,

    /// <summary>A view change failed and will be tried again.</summary>
    ChangeFailed,

    /// <summary>A member fell behind and was made a learner.</summary>
    FellBehind,

    /// <summary>A state transfer began, went on with another donor, or ended.</summary>
    Transfer,

    /// <summary>A peer sent bytes that are no frame, or one that makes no sense.</summary>
    BadFrame,

    /// <summary>The disk failed.</summary>
    DiskFailed,

    /// <summary>This node doubts itself: it was paused, or hears everything late.</summary>
    SelfDoubt,
}
