namespace Flotilla.Groups.Core;

/// <summary>An entry as it is delivered. Borrowed: valid during the call.</summary>
public readonly ref struct LogEntry
{
    public required ulong Epoch { get; init; }

    public required ulong Sequence { get; init; }

    public required LogEntryKind Kind { get; init; }

    public required Delivery Delivery { get; init; }

    /// <summary>Who submitted it, and its number there: numbers of one member are sequenced 1, 2, 3, ...</summary>
    public MemberId Sender { get; init; }

    public ulong Number { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Delivered while a state is rebuilt from disk: known to the application's checkpoint or repeated for it.</summary>
    public bool IsReplay { get; init; }
}
