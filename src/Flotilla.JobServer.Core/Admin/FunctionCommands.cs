using System.Buffers.Text;

namespace Flotilla.JobServer.Core;

/// <summary>Text commands on one function. Methods answer false for "unknown command".</summary>
internal sealed class FunctionCommands(MachineState state)
{
    /// <summary><c>pause</c>, <c>resume</c>, <c>drain</c>, <c>policy</c>.</summary>
    public bool Run(ConnectionState connection, in CommandWords words)
    {
        var isPolicy = words.Is(0, "policy"u8);
        if (!isPolicy && !words.Is(0, "pause"u8) && !words.Is(0, "resume"u8) && !words.Is(0, "drain"u8))
            return false;
        if (words.Count < 2 || (!isPolicy && words.Count > 2))
        {
            AdminCommands.Incomplete(state.Replies.To(connection), words[0]);
            return true;
        }

        if (isPolicy)
            Policy(connection, words);
        else if (words.Is(0, "resume"u8))
            Resume(connection, words[1]);
        else if (FindOrAdd(connection, words[1]) is { } function)
            Restrain(connection, function, isPause: words.Is(0, "pause"u8));
        return true;
    }

    public bool Create(ConnectionState connection, in CommandWords words)
    {
        if (words.Count != 3 || !words.Is(1, "function"u8))
            AdminCommands.Incomplete(state.Replies.To(connection), words[0]);
        else if (FindOrAdd(connection, words[2]) is not null)
            Ok(connection);
        return true;
    }

    /// <summary>Takes a function away with the jobs that wait in it: their clients are told that they failed.</summary>
    public bool Drop(ConnectionState connection, in CommandWords words)
    {
        if (words.Count != 3 || !words.Is(1, "function"u8))
        {
            AdminCommands.Incomplete(state.Replies.To(connection), words[0]);
            return true;
        }

        if (AdminCommands.IsDenied(state, connection, words[2]))
            return true;
        if (Find(words[2]) is not { } function)
        {
            TextReply.Put(state.Replies.To(connection), "ERR function not found\r\n"u8);
            return true;
        }

        if (function.Workers > 0 || function.Running > 0)
        {
            TextReply.Put(state.Replies.To(connection), "ERR there are still connected workers or executing clients\r\n"u8);
            return true;
        }

        state.Ledger.ForgetFunction(function);
        state.Purges.Add(function);
        Ok(connection);
        return true;
    }

    /// <summary><c>maxqueue F [n | high normal low]</c>; a missing number is no limit.</summary>
    public bool MaxQueue(ConnectionState connection, in CommandWords words)
    {
        if (words.Count < 2)
        {
            AdminCommands.Incomplete(state.Replies.To(connection), words[0]);
            return true;
        }

        if (FindOrAdd(connection, words[1]) is not { } function)
            return true;
        var first = Limit(words[2]);
        function.Limits = words.Count <= 3 ? new QueueLimits(first, first, first) : new QueueLimits(first, Limit(words[3]), Limit(words[4]));
        state.Ledger.SetFunction(function);
        Ok(connection);
        return true;
    }

    /// <summary><c>policy F key=value ...</c> sets, <c>policy F</c> shows.</summary>
    private void Policy(ConnectionState connection, in CommandWords words)
    {
        if (FindOrAdd(connection, words[1]) is not { } function)
            return;
        var policy = function.Policy;
        for (var i = 2; i < words.Count; i++)
        {
            if (FunctionSettings.TryApply(ref policy, words[i]))
                continue;
            TextReply.Put(state.Replies.To(connection), "ERR INVALID_ARGUMENTS not+understood+"u8);
            TextReply.Name(state.Replies.To(connection), words[i]);
            TextReply.Put(state.Replies.To(connection), "\r\n"u8);
            return;
        }

        if (words.Count > 2)
        {
            function.Policy = policy;
            state.Ledger.SetFunction(function);
            Ok(connection);
            return;
        }

        Span<byte> text = stackalloc byte[FunctionSettings.SizeBytesMax];
        var output = state.Replies.To(connection);
        TextReply.Put(output, "OK "u8);
        TextReply.Put(output, FunctionSettings.WritePolicy(policy, text));
        TextReply.Put(output, "\r\n"u8);
    }

    private void Restrain(ConnectionState connection, FunctionState function, bool isPause)
    {
        if (isPause)
            function.IsPaused = true;
        else
            function.IsDraining = true;
        Changed(connection, function);
    }

    private void Resume(ConnectionState connection, ReadOnlySpan<byte> name)
    {
        if (AdminCommands.IsDenied(state, connection, name))
            return;
        if (Find(name) is not { } function)
        {
            TextReply.Put(state.Replies.To(connection), "ERR UNKNOWN_FUNCTION no+such+function\r\n"u8);
            return;
        }

        function.IsPaused = false;
        function.IsDraining = false;
        Changed(connection, function);
    }

    private void Changed(ConnectionState connection, FunctionState function)
    {
        state.Functions.UpdateReady(function);
        state.Ledger.SetFunction(function);
        state.WakeUps.Wake(function);
        Ok(connection);
    }

    private FunctionState? Find(ReadOnlySpan<byte> shown) => state.Functions.Find(shown) ?? state.Functions.Find(TextReply.Unescape(shown));

    /// <summary>Settings may come before the first job. Null when that was refused, and answered.</summary>
    private FunctionState? FindOrAdd(ConnectionState connection, ReadOnlySpan<byte> name)
    {
        if (AdminCommands.IsDenied(state, connection, name))
            return null;
        if (name.Length <= state.Options.FunctionNameBytesMax && (Find(name) ?? state.Functions.FindOrAdd(name)) is { } function)
            return function;
        TextReply.Put(state.Replies.To(connection), "ERR CREATE_FUNCTION "u8);
        TextReply.Put(state.Replies.To(connection), name);
        TextReply.Put(state.Replies.To(connection), "\r\n"u8);
        return null;
    }

    private void Ok(ConnectionState connection) => TextReply.Put(state.Replies.To(connection), "OK\r\n"u8);

    private static int Limit(ReadOnlySpan<byte> word)
        => Utf8Parser.TryParse(word, out long value, out _) ? (int)Math.Clamp(value, 0, int.MaxValue) : 0;
}
