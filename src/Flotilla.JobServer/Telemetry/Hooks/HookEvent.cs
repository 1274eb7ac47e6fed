using System.Text.Json;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>What a hook is told; the JSON is described in docs/guides/hooks.md.</summary>
public sealed record HookEvent
{
    public required JobServerEventKind Kind { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Empty where the event belongs to no function.</summary>
    public string Function { get; init; } = "";

    /// <summary>Empty where the event belongs to no job.</summary>
    public string Handle { get; init; } = "";

    public JobPriority Priority { get; init; }

    public long WaitedMs { get; init; }

    public long RanMs { get; init; }

    /// <summary>Equal events that were left out since the last one was told.</summary>
    public long LeftOut { get; init; }

    public string? Detail { get; init; }

    /// <summary>A compact JSON object with camelCase names; what means nothing for the kind is left out.</summary>
    public byte[] ToJson()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("event", JsonNamingPolicy.CamelCase.ConvertName(Kind.ToString()));
            writer.WriteString("at", At);
            if (Function.Length > 0)
                writer.WriteString("function", Function);
            if (Handle.Length > 0)
            {
                writer.WriteString("handle", Handle);
                writer.WriteString("priority", JsonNamingPolicy.CamelCase.ConvertName(Priority.ToString()));
            }

            WriteNumber(writer, "waitedMs", WaitedMs);
            WriteNumber(writer, "ranMs", RanMs);
            WriteNumber(writer, "leftOut", LeftOut);
            if (Detail is not null)
                writer.WriteString("detail", Detail);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long value)
    {
        if (value > 0)
            writer.WriteNumber(name, value);
    }
}
