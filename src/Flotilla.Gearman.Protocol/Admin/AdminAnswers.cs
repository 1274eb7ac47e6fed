using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// Answers to text commands, byte for byte those of gearmand. Some end with a carriage return and a line feed, others with a line feed
/// only; scripts know each. Names go through <see cref="AdminText"/>.
/// </summary>
public static class AdminAnswers
{
    public static ReadOnlySpan<byte> Ok => "OK\r\n"u8;

    /// <summary>After the last line of a list.</summary>
    public static ReadOnlySpan<byte> EndOfList => ".\n"u8;

    public static ReadOnlySpan<byte> UnknownShowArguments => "ERR UNKNOWN_SHOW_ARGUMENTS\r\n"u8;

    public static ReadOnlySpan<byte> UnknownJob => "ERR UNKNOWN_JOB\r\n"u8;

    public static ReadOnlySpan<byte> UnknownError => "ERR UNKNOWN_ERROR\r\n"u8;

    /// <summary>For <c>drop function</c>.</summary>
    public static ReadOnlySpan<byte> FunctionNotFound => "ERR function not found\r\n"u8;

    /// <summary>For <c>drop function</c>.</summary>
    public static ReadOnlySpan<byte> FunctionInUse => "ERR there are still connected workers or executing clients\r\n"u8;

    /// <summary>Ours.</summary>
    public static ReadOnlySpan<byte> NotAuthorized => "ERR NOT_AUTHORIZED Authentication+required\r\n"u8;

    /// <summary>There is no separator before the word; that is how gearmand does it.</summary>
    public static void WriteUnknownCommand(ByteQueue output, ReadOnlySpan<byte> firstWord)
    {
        output.Append("ERR UNKNOWN_COMMAND Unknown+server+command"u8);
        output.Append(firstWord);
        output.Append("\r\n"u8);
    }

    public static void WriteIncomplete(ByteQueue output, ReadOnlySpan<byte> firstWord)
    {
        output.Append("ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+"u8);
        output.Append(firstWord);
        output.Append("\r\n"u8);
    }

    /// <summary><c>ERR CODE words+joined+by+plus</c>, for our own errors; blanks in <paramref name="words"/> become plus signs.</summary>
    public static void WriteError(ByteQueue output, ReadOnlySpan<byte> code, ReadOnlySpan<byte> words)
    {
        output.Append("ERR "u8);
        output.Append(code);
        if (!words.IsEmpty)
        {
            var target = output.GetSpan(words.Length + 1);
            target[0] = (byte)' ';
            for (var i = 0; i < words.Length; i++)
                target[i + 1] = words[i] <= (byte)' ' ? (byte)'+' : words[i];
            output.Advance(words.Length + 1);
        }

        output.Append("\r\n"u8);
    }

    /// <summary><c>OK text</c>: the answers to <c>version</c>, <c>getpid</c> and <c>verbose</c>.</summary>
    public static void WriteOk(ByteQueue output, ReadOnlySpan<byte> text)
    {
        output.Append("OK "u8);
        output.Append(text);
        output.Append("\n"u8);
    }

    /// <summary>A line of <c>status</c>; <paramref name="total"/> includes running jobs.</summary>
    public static void WriteStatusRow(ByteQueue output, ReadOnlySpan<byte> function, long total, long running, long workers)
    {
        AdminText.AppendColumn(output, function);
        AppendNumberColumn(output, total);
        AppendNumberColumn(output, running);
        AppendNumberColumn(output, workers);
        output.Append("\n"u8);
    }

    /// <summary>A line of <c>prioritystatus</c>; waiting jobs only.</summary>
    public static void WritePriorityRow(ByteQueue output, ReadOnlySpan<byte> function, long high, long normal, long low, long workers)
    {
        AdminText.AppendColumn(output, function);
        AppendNumberColumn(output, high);
        AppendNumberColumn(output, normal);
        AppendNumberColumn(output, low);
        AppendNumberColumn(output, workers);
        output.Append("\n"u8);
    }

    /// <summary>The beginning of a line of <c>workers</c>; functions follow, then <see cref="WriteRowEnd"/>.</summary>
    public static void WriteWorkerStart(ByteQueue output, long number, ReadOnlySpan<byte> address, ReadOnlySpan<byte> clientId)
    {
        AppendNumber(output, number);
        output.Append(" "u8);
        AdminText.AppendWord(output, address);
        output.Append(" "u8);
        AdminText.AppendWord(output, clientId);
        output.Append(" :"u8);
    }

    public static void WriteWorkerFunction(ByteQueue output, ReadOnlySpan<byte> function)
    {
        output.Append(" "u8);
        AdminText.AppendWord(output, function);
    }

    public static void WriteRowEnd(ByteQueue output) => output.Append("\n"u8);

    /// <summary>A line of <c>show jobs</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="handle">The job.</param>
    /// <param name="retries">How often it was taken from a worker.</param>
    /// <param name="ignored">Nobody waits for it any more.</param>
    /// <param name="stored">It is in the persistent queue.</param>
    public static void WriteJobRow(ByteQueue output, ReadOnlySpan<byte> handle, long retries, bool ignored, bool stored)
    {
        AdminText.AppendColumn(output, handle);
        AppendNumberColumn(output, retries);
        output.Append(ignored ? "\t1"u8 : "\t0"u8);
        output.Append(stored ? "\t1\n"u8 : "\t0\n"u8);
    }

    /// <summary>A line of <c>show unique jobs</c>. A key that is a single point is escaped: it would end the list.</summary>
    public static void WriteUniqueRow(ByteQueue output, ReadOnlySpan<byte> unique)
    {
        if (unique is [(byte)'.'])
            output.Append("\\x2e"u8);
        else
            AdminText.AppendColumn(output, unique);
        output.Append("\n"u8);
    }

    private static void AppendNumberColumn(ByteQueue output, long value)
    {
        output.Append("\t"u8);
        AppendNumber(output, value);
    }

    private static void AppendNumber(ByteQueue output, long value)
    {
        Invariant.Require(value >= 0);
        output.Advance(AsciiNumber.Format(output.GetSpan(AsciiNumber.MaxBytes), (ulong)value));
    }
}
