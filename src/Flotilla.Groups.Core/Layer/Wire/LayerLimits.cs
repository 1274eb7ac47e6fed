namespace Flotilla.Groups.Core.Layer;

/// <summary>Limits of the group layer; those on contents are checked by who submits, and bind all nodes alike.</summary>
internal static class LayerLimits
{
    /// <summary>Bytes of a group's name: it goes into views and logs.</summary>
    public const int MaxNameBytes = 200;

    /// <summary>Groups one entry may join or leave.</summary>
    public const int MaxGroupsAtOnce = 256;

    public const int MaxKeyBytes = 1024;

    /// <summary>Bytes of a dictionary's value: dictionaries hold settings, not files, as every node has them all.</summary>
    public const int MaxValueBytes = 1 << 20;

    /// <summary>Bytes of all keys and values of one dictionary.</summary>
    public const long MaxDictionaryBytes = 64 << 20;

    public const int MaxReasonBytes = 1024;

    /// <summary>Locks at one time, and who waits for one: so that a runaway program can't fill all nodes' memory.</summary>
    public const int MaxLocks = 100_000;

    public const int MaxLockWaiters = 10_000;

    /// <summary>External clients whose numbers are kept; the one that was silent for longest goes first.</summary>
    public const int MaxClients = 10_000;

    /// <summary>Pieces that travel ahead of their taker: 4 MiB of the largest.</summary>
    public const int TransferWindow = 64;

    /// <summary>Transfers a node gives at one time.</summary>
    public const int MaxTransfersGiven = 16;

    /// <summary>Messages that wait for room in the log, however small.</summary>
    public const int MaxHeldMessages = 100_000;

    /// <summary>Replies kept until they are acknowledged.</summary>
    public const int MaxReplies = 10_000;

    public const long MaxReplyBytes = 64 << 20;

    /// <summary>Before a frame that got no answer is sent again.</summary>
    public const long RetryNs = 100_000_000;

    /// <summary>A donor that says nothing for this long is given up.</summary>
    public const long DonorSilentNs = 2_000_000_000;

    /// <summary>A donor that says it is at it, but sends nothing, is given up after this.</summary>
    public const long DonorStalledNs = 60_000_000_000;

    /// <summary>How long a member waits for one who has the state to say so, before it begins the state anew.</summary>
    public const long ClaimDelayNs = 1_000_000_000;

    /// <summary>A member that can't be spared asks again after this: another may have the state by then.</summary>
    public const long StepBackEveryNs = 1_000_000_000;

    /// <summary>After an application failed to make a checkpoint for the disk.</summary>
    public const long CheckpointRetryNs = 10_000_000_000;

    /// <summary>A reply nobody acknowledges, a transfer nobody asks for any more.</summary>
    public const long ForgetNs = 30_000_000_000;
}
