using System.Text;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// A text line sent to a job server, understood: the command and its arguments. Command words are compared without regard to case.
/// Source: PROTOCOL, "Administrative Protocol", and gearmand's behaviour.
/// </summary>
public readonly ref struct AdminRequest
{
    private readonly AdminWords _words;
    private readonly int _commandWords;

    private AdminRequest(AdminCommand command, AdminWords words, int commandWords)
    {
        Command = command;
        _words = words;
        _commandWords = commandWords;
        ArgumentCount = Math.Max(0, words.Count - commandWords);
    }

    public AdminCommand Command { get; }

    /// <summary>The first word as sent, for error answers.</summary>
    public ReadOnlySpan<byte> FirstWord => _words[0];

    /// <summary>Words after those of the command itself: 1 for <c>cancel job H:a:1</c>.</summary>
    public int ArgumentCount { get; }

    /// <summary>An argument by index from 0; empty when there are fewer.</summary>
    public ReadOnlySpan<byte> Argument(int index) => _words[_commandWords + index];

    /// <summary>Everything from an argument to the end of the line, for a last argument that may contain blanks.</summary>
    public ReadOnlySpan<byte> ArgumentToEnd(int index) => _words.From(_commandWords + index);

    /// <summary>False only when a line has more words than its command may have, which ends the connection in gearmand too.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out AdminRequest request, out ProtocolError error)
    {
        error = default;
        var words = new AdminWords(line);
        var (command, commandWords) = Understand(words);
        request = new AdminRequest(command, words, commandWords);
        var limit = command >= AdminCommand.Auth ? ProtocolLimits.MaxExtensionWords : ProtocolLimits.MaxCommandWords;
        if (words.Count <= limit)
            return true;
        error = new ProtocolError(ProtocolErrorKind.TooManyWords, Value: (uint)limit);
        return false;
    }

    private static (AdminCommand Command, int Words) Understand(AdminWords words)
    {
        var first = words[0];
        var count = words.Count;
        if (Is(first, "status"u8))
            return (AdminCommand.Status, 1);
        if (Is(first, "prioritystatus"u8))
            return (AdminCommand.PriorityStatus, 1);
        if (Is(first, "workers"u8))
            return (AdminCommand.Workers, 1);
        if (Is(first, "version"u8))
            return (AdminCommand.Version, 1);
        if (Is(first, "getpid"u8))
            return (AdminCommand.GetPid, 1);
        if (Is(first, "verbose"u8))
            return (AdminCommand.Verbose, 1);
        if (Is(first, "show"u8))
            return count >= 2 ? UnderstandShow(words, count) : (AdminCommand.Unknown, 1);
        if (Is(first, "cancel"u8))
            return count >= 3 ? UnderstandCancel(words, count) : (AdminCommand.Unknown, 1);
        if (Is(first, "create"u8))
            return count == 3 && Is(words[1], "function"u8) ? (AdminCommand.CreateFunction, 2) : (AdminCommand.Incomplete, 1);
        if (Is(first, "drop"u8))
            return count == 3 && Is(words[1], "function"u8) ? (AdminCommand.DropFunction, 2) : (AdminCommand.Incomplete, 1);
        if (Is(first, "maxqueue"u8))
            return (count >= 2 ? AdminCommand.MaxQueue : AdminCommand.Incomplete, 1);
        return UnderstandOurs(words, first, count);
    }

    private static (AdminCommand Command, int Words) UnderstandOurs(AdminWords words, ReadOnlySpan<byte> first, int count)
    {
        if (Is(first, "auth"u8))
            return (count >= 2 ? AdminCommand.Auth : AdminCommand.Incomplete, 1);
        if (Is(first, "pause"u8))
            return (count == 2 ? AdminCommand.Pause : AdminCommand.Incomplete, 1);
        if (Is(first, "resume"u8))
            return (count == 2 ? AdminCommand.Resume : AdminCommand.Incomplete, 1);
        if (Is(first, "drain"u8))
            return (count == 2 ? AdminCommand.Drain : AdminCommand.Incomplete, 1);
        if (Is(first, "policy"u8))
            return (count >= 2 ? AdminCommand.Policy : AdminCommand.Incomplete, 1);
        if (Is(first, "dead"u8))
            return UnderstandDead(words, count);
        return (AdminCommand.Unknown, 1);
    }

    private static (AdminCommand Command, int Words) UnderstandShow(AdminWords words, int count)
    {
        var what = words[1];
        if (Is(what, "jobs"u8) && count == 2)
            return (AdminCommand.ShowJobs, 2);
        if (Is(what, "unique"u8) && count == 3 && Is(words[2], "jobs"u8))
            return (AdminCommand.ShowUniqueJobs, 3);
        if (Is(what, "functions"u8) && count == 2)
            return (AdminCommand.ShowFunctions, 2);
        if (Is(what, "server"u8) && count == 2)
            return (AdminCommand.ShowServer, 2);
        if (Is(what, "schedules"u8) && count == 2)
            return (AdminCommand.ShowSchedules, 2);
        if (Is(what, "job"u8) && count == 3)
            return (AdminCommand.ShowJob, 2);
        if (Is(what, "queue"u8) && count is 3 or 4)
            return (AdminCommand.ShowQueue, 2);
        if (Is(what, "dead"u8) && count is 2 or 3)
            return (AdminCommand.ShowDead, 2);
        return (AdminCommand.ShowUnknown, 1);
    }

    private static (AdminCommand Command, int Words) UnderstandCancel(AdminWords words, int count)
        => count == 3 && Is(words[1], "job"u8) ? (AdminCommand.CancelJob, 2) : (AdminCommand.CancelUnknown, 1);

    private static (AdminCommand Command, int Words) UnderstandDead(AdminWords words, int count)
    {
        var all = count == 4 && Is(words[2], "all"u8);
        if (count == 3 || all)
        {
            if (Is(words[1], "retry"u8))
                return all ? (AdminCommand.DeadRetryAll, 3) : (AdminCommand.DeadRetry, 2);
            if (Is(words[1], "drop"u8))
                return all ? (AdminCommand.DeadDropAll, 3) : (AdminCommand.DeadDrop, 2);
        }

        return (AdminCommand.Incomplete, 1);
    }

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> command) => Ascii.EqualsIgnoreCase(word, command);
}
