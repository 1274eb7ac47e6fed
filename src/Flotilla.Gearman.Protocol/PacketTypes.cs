namespace Flotilla.Gearman.Protocol;

/// <summary>The table of packet types 1 to 42.</summary>
public static class PacketTypes
{
    public const PacketType Highest = PacketType.StatusResUnique;

    private const PacketSenders Client = PacketSenders.Client;
    private const PacketSenders Worker = PacketSenders.Worker;
    private const PacketSenders Server = PacketSenders.Server;

    private static readonly PacketTypeInfo[] Table =
    [
        new(PacketType.None, "NONE", 0, PacketSenders.Nobody),
        new(PacketType.CanDo, "CAN_DO", 1, Worker),
        new(PacketType.CantDo, "CANT_DO", 1, Worker),
        new(PacketType.ResetAbilities, "RESET_ABILITIES", 0, Worker),
        new(PacketType.PreSleep, "PRE_SLEEP", 0, Worker),
        new((PacketType)5, "UNUSED", 0, PacketSenders.Nobody),
        new(PacketType.Noop, "NOOP", 0, Server),
        new(PacketType.SubmitJob, "SUBMIT_JOB", 3, Client),
        new(PacketType.JobCreated, "JOB_CREATED", 1, Server),
        new(PacketType.GrabJob, "GRAB_JOB", 0, Worker),
        new(PacketType.NoJob, "NO_JOB", 0, Server),
        new(PacketType.JobAssign, "JOB_ASSIGN", 3, Server),
        new(PacketType.WorkStatus, "WORK_STATUS", 3, Worker | Server),
        new(PacketType.WorkComplete, "WORK_COMPLETE", 2, Worker | Server),
        new(PacketType.WorkFail, "WORK_FAIL", 1, Worker | Server),
        new(PacketType.GetStatus, "GET_STATUS", 1, Client),
        new(PacketType.EchoReq, "ECHO_REQ", 1, Client | Worker),
        new(PacketType.EchoRes, "ECHO_RES", 1, Server),
        new(PacketType.SubmitJobBg, "SUBMIT_JOB_BG", 3, Client),
        new(PacketType.Error, "ERROR", 2, Server),
        new(PacketType.StatusRes, "STATUS_RES", 5, Server),
        new(PacketType.SubmitJobHigh, "SUBMIT_JOB_HIGH", 3, Client),
        new(PacketType.SetClientId, "SET_CLIENT_ID", 1, Worker),
        new(PacketType.CanDoTimeout, "CAN_DO_TIMEOUT", 2, Worker),
        new(PacketType.AllYours, "ALL_YOURS", 0, Worker),
        new(PacketType.WorkException, "WORK_EXCEPTION", 2, Worker | Server),
        new(PacketType.OptionReq, "OPTION_REQ", 1, Client | Worker),
        new(PacketType.OptionRes, "OPTION_RES", 1, Server),
        new(PacketType.WorkData, "WORK_DATA", 2, Worker | Server),
        new(PacketType.WorkWarning, "WORK_WARNING", 2, Worker | Server),
        new(PacketType.GrabJobUniq, "GRAB_JOB_UNIQ", 0, Worker),
        new(PacketType.JobAssignUniq, "JOB_ASSIGN_UNIQ", 4, Server),
        new(PacketType.SubmitJobHighBg, "SUBMIT_JOB_HIGH_BG", 3, Client),
        new(PacketType.SubmitJobLow, "SUBMIT_JOB_LOW", 3, Client),
        new(PacketType.SubmitJobLowBg, "SUBMIT_JOB_LOW_BG", 3, Client),
        new(PacketType.SubmitJobSched, "SUBMIT_JOB_SCHED", 8, Client),
        new(PacketType.SubmitJobEpoch, "SUBMIT_JOB_EPOCH", 4, Client),
        new(PacketType.SubmitReduceJob, "SUBMIT_REDUCE_JOB", 5, Client),
        new(PacketType.SubmitReduceJobBackground, "SUBMIT_REDUCE_JOB_BACKGROUND", 5, Client),
        new(PacketType.GrabJobAll, "GRAB_JOB_ALL", 0, Worker),
        new(PacketType.JobAssignAll, "JOB_ASSIGN_ALL", 5, Server),
        new(PacketType.GetStatusUnique, "GET_STATUS_UNIQUE", 1, Client),
        new(PacketType.StatusResUnique, "STATUS_RES_UNIQUE", 6, Server),
    ];

    /// <summary>True for 1 to 42. 5 is among them: it is unused, but its header is well formed, and gearmand goes on after it.</summary>
    public static bool IsKnown(PacketType type) => (uint)type - 1 < (uint)Highest;

    /// <summary>The row of a known type; for any other number the row named NONE.</summary>
    public static PacketTypeInfo Info(PacketType type) => Table[type <= Highest ? (int)type : 0];

    /// <summary>The protocol's name, or the number when it has none; for logs.</summary>
    public static string Name(PacketType type) => IsKnown(type) ? Table[(int)type].Name : ((uint)type).ToString();

    public static bool ServerAccepts(PacketType type) => Info(type).ServerAccepts;
}
