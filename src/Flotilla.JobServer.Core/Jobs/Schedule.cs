namespace Flotilla.JobServer.Core;

/// <summary>A recurring submit.</summary>
internal sealed class Schedule(ulong id, byte[] function, byte[] unique, byte[] text, byte[] data, CronSchedule times)
{
    public ulong Id { get; } = id;

    public byte[] Function { get; } = function;

    public byte[] Unique { get; } = unique;

    /// <summary>The five fields, separated by blanks.</summary>
    public byte[] Text { get; } = text;

    public byte[] Data { get; } = data;

    public CronSchedule Times { get; } = times;

    public long NextMs { get; set; }

    /// <summary>When it fired last; 0 for never.</summary>
    public long LastMs { get; set; }

    /// <summary>The store has not answered for it yet.</summary>
    public bool IsPending { get; set; }

    public bool IsRemoved { get; set; }
}
