using System.Buffers.Binary;
using System.Globalization;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>
/// Packet types by name and their argument counts, written down here once more on purpose: the suite that judges the
/// product must not lean on the product's own tables. Bytes travel as Latin-1 strings, one char per byte.
/// </summary>
internal static class WirePackets
{
    private const int HeadSize = 12;

    private static readonly (string Name, int Arguments)[] Types =
    [
        ("TYPE_0", 1), ("CAN_DO", 1), ("CANT_DO", 1), ("RESET_ABILITIES", 0), ("PRE_SLEEP", 0), ("TYPE_5", 1), ("NOOP", 0),
        ("SUBMIT_JOB", 3), ("JOB_CREATED", 1), ("GRAB_JOB", 0), ("NO_JOB", 0), ("JOB_ASSIGN", 3), ("WORK_STATUS", 3),
        ("WORK_COMPLETE", 2), ("WORK_FAIL", 1), ("GET_STATUS", 1), ("ECHO_REQ", 1), ("ECHO_RES", 1), ("SUBMIT_JOB_BG", 3),
        ("ERROR", 2), ("STATUS_RES", 5), ("SUBMIT_JOB_HIGH", 3), ("SET_CLIENT_ID", 1), ("CAN_DO_TIMEOUT", 2), ("ALL_YOURS", 0),
        ("WORK_EXCEPTION", 2), ("OPTION_REQ", 1), ("OPTION_RES", 1), ("WORK_DATA", 2), ("WORK_WARNING", 2),
        ("GRAB_JOB_UNIQ", 0), ("JOB_ASSIGN_UNIQ", 4), ("SUBMIT_JOB_HIGH_BG", 3), ("SUBMIT_JOB_LOW", 3),
        ("SUBMIT_JOB_LOW_BG", 3), ("SUBMIT_JOB_SCHED", 8), ("SUBMIT_JOB_EPOCH", 4), ("SUBMIT_REDUCE_JOB", 5),
        ("SUBMIT_REDUCE_JOB_BACKGROUND", 5), ("GRAB_JOB_ALL", 0), ("JOB_ASSIGN_ALL", 5), ("GET_STATUS_UNIQUE", 1),
        ("STATUS_RES_UNIQUE", 6),
    ];

    /// <summary>The bytes of one packet; `name` may also be `TYPE_n` for a number without a name.</summary>
    public static string Encode(string magic, string name, IEnumerable<string> arguments)
    {
        var body = string.Join('\0', arguments);
        Span<byte> numbers = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, TypeOf(name));
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], (uint)body.Length);
        return $"\0{magic}{System.Text.Encoding.Latin1.GetString(numbers)}{body}";
    }

    /// <summary>One message from the front of what was received, as the line a transcript shows, or null when it is not whole.</summary>
    public static string? Take(string received, out int used)
    {
        used = 0;
        if (received.Length == 0)
            return null;
        if (received[0] != '\0')
        {
            used = received.IndexOf('\n', StringComparison.Ordinal) + 1;
            return used == 0 ? null : ScenarioText.Quote(received[..used]);
        }

        if (received.Length < HeadSize)
            return null;
        var head = System.Text.Encoding.Latin1.GetBytes(received[..HeadSize]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8));
        if (received.Length < HeadSize + length)
            return null;
        used = HeadSize + (int)length;
        return Describe(received[1..4], BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)), received[HeadSize..used]);
    }

    private static string Describe(string magic, uint type, string body)
    {
        var (name, arguments) = type < Types.Length ? Types[type] : ($"TYPE_{type}", 1);
        var shown = body.Length == 0 && arguments == 0 ? [] : body.Split('\0', Math.Max(arguments, 1));
        var prefix = string.Equals(magic, "RES", StringComparison.Ordinal) ? "" : magic + " ";
        return string.Join(' ', [prefix + name, .. shown.Select(ScenarioText.Token)]);
    }

    private static uint TypeOf(string name)
    {
        var index = Array.FindIndex(Types, type => string.Equals(type.Name, name, StringComparison.Ordinal));
        return index >= 0 ? (uint)index : uint.Parse(name.AsSpan("TYPE_".Length), CultureInfo.InvariantCulture);
    }
}
