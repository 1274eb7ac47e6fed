using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Sends each text line to who understands it.</summary>
internal sealed class AdminCommands(MachineState state)
{
    private readonly ClassicCommands _classic = new(state);
    private readonly ShowCommands _show = new(state);
    private readonly FunctionCommands _functions = new(state);
    private readonly DeadCommands _dead = new(state);

    public void Run(ConnectionState connection, ReadOnlySpan<byte> line)
    {
        var words = new CommandWords(line);
        if (words.Is(0, "auth"u8))
        {
            Authenticate(connection, line);
            return;
        }

        if (!connection.IsAuthenticated)
        {
            state.Access.ReportDenied(connection, default, "not authenticated");
            TextReply.Put(state.Replies.To(connection), "ERR NOT_AUTHORIZED authenticate+first\r\n"u8);
            return;
        }

        if (!Dispatch(connection, words))
            Unknown(connection, words[0]);
    }

    /// <summary>Answers that the function of a command may not be touched; false when it may.</summary>
    public static bool IsDenied(MachineState state, ConnectionState connection, ReadOnlySpan<byte> function)
    {
        if (state.Access.Allows(connection, function, AccessRights.Admin))
            return false;
        state.Access.ReportDenied(connection, function, "admin");
        TextReply.Put(state.Replies.To(connection), "ERR NOT_AUTHORIZED not+allowed\r\n"u8);
        return true;
    }

    /// <summary>gearmand's answer to a command that lacks words.</summary>
    public static void Incomplete(ByteQueue output, ReadOnlySpan<byte> command)
    {
        TextReply.Put(output, "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+"u8);
        TextReply.Put(output, command);
        TextReply.Put(output, "\r\n"u8);
    }

    private bool Dispatch(ConnectionState connection, in CommandWords words)
    {
        var command = words[0];
        if (command.IsEmpty)
            return false;
        return (command[0] | 0x20) switch
        {
            (byte)'s' => words.Is(0, "status"u8) ? _classic.Status(connection) : words.Is(0, "show"u8) && _show.Run(connection, words),
            (byte)'p' => words.Is(0, "prioritystatus"u8) ? _classic.PriorityStatus(connection) : _functions.Run(connection, words),
            (byte)'w' => words.Is(0, "workers"u8) && _classic.Workers(connection),
            (byte)'v' => words.Is(0, "version"u8)
                ? _classic.Version(connection)
                : words.Is(0, "verbose"u8) && _classic.Verbose(connection),
            (byte)'g' => words.Is(0, "getpid"u8) && _classic.GetPid(connection),
            (byte)'c' => words.Is(0, "cancel"u8) ? _classic.Cancel(connection, words) : words.Is(0, "create"u8) && _functions.Create(connection, words),
            (byte)'d' => words.Is(0, "drop"u8)
                ? _functions.Drop(connection, words)
                : words.Is(0, "dead"u8) ? _dead.Run(connection, words) : _functions.Run(connection, words),
            (byte)'m' => words.Is(0, "maxqueue"u8) && _functions.MaxQueue(connection, words),
            (byte)'r' => _functions.Run(connection, words),
            _ => false,
        };
    }

    private void Authenticate(ConnectionState connection, ReadOnlySpan<byte> line)
    {
        var secret = line.Length > 5 ? line[5..] : default;
        if (connection.IsAuthenticated || state.Access.IsSecret(secret))
        {
            connection.IsAuthenticated = true;
            TextReply.Put(state.Replies.To(connection), "OK\r\n"u8);
            return;
        }

        state.Access.ReportDenied(connection, default, "wrong secret");
        TextReply.Put(state.Replies.To(connection), "ERR NOT_AUTHORIZED wrong+secret\r\n"u8);
        state.Replies.Close(connection, CloseReason.NotAuthorized, "wrong secret");
    }

    /// <summary>The word follows without a separator, as gearmand has it.</summary>
    private void Unknown(ConnectionState connection, ReadOnlySpan<byte> word)
    {
        var output = state.Replies.To(connection);
        TextReply.Put(output, "ERR UNKNOWN_COMMAND Unknown+server+command"u8);
        TextReply.Put(output, word);
        TextReply.Put(output, "\r\n"u8);
    }
}
