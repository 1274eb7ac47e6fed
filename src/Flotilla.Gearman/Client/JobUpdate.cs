using System.Text;

namespace Flotilla.Gearman;

/// <summary>Something a foreground job sent. The payload belongs to the caller.</summary>
public readonly record struct JobUpdate(JobUpdateKind Kind, ReadOnlyMemory<byte> Payload, JobProgress Progress)
{
    /// <summary>The payload as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);
}
