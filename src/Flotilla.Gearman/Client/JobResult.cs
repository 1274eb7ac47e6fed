using System.Text;

namespace Flotilla.Gearman;

/// <summary>What a foreground job gave. The memory belongs to the caller; nobody else has it.</summary>
/// <param name="Handle">The job.</param>
/// <param name="Payload">The bytes of WORK_COMPLETE.</param>
/// <param name="Data">Partial results (WORK_DATA) in order; empty where they were taken as updates.</param>
/// <param name="Warnings">Warnings (WORK_WARNING) in order; empty where they were taken as updates.</param>
public sealed record JobResult(
    JobHandle Handle,
    ReadOnlyMemory<byte> Payload,
    IReadOnlyList<ReadOnlyMemory<byte>> Data,
    IReadOnlyList<ReadOnlyMemory<byte>> Warnings)
{
    /// <summary>The payload as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>Partial results and payload one after another, for functions that stream their result.</summary>
    public ReadOnlyMemory<byte> Concatenate()
    {
        if (Data.Count == 0)
            return Payload;
        var whole = new byte[Data.Sum(part => part.Length) + Payload.Length];
        var at = 0;
        foreach (var part in Data)
        {
            part.CopyTo(whole.AsMemory(at));
            at += part.Length;
        }

        Payload.CopyTo(whole.AsMemory(at));
        return whole;
    }
}
