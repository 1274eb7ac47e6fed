using System.Buffers.Text;

namespace Flotilla.JobServer.Core;

/// <summary>A function's settings as text: <c>key=value</c> words, for the policy command, listings and the store.</summary>
internal static class FunctionSettings
{
    public const int SizeBytesMax = 512;

    public static ReadOnlySpan<byte> Write(FunctionState function, Span<byte> target)
    {
        var rest = target;
        var policy = function.Policy;
        Word(ref rest, "paused="u8, function.IsPaused ? 1 : 0);
        Word(ref rest, " draining="u8, function.IsDraining ? 1 : 0);
        Word(ref rest, " maxhigh="u8, function.Limits.High);
        Word(ref rest, " maxnormal="u8, function.Limits.Normal);
        Word(ref rest, " maxlow="u8, function.Limits.Low);
        Put(ref rest, " "u8);
        var policyLength = WritePolicy(policy, rest).Length;
        rest = rest[policyLength..];
        return target[..^rest.Length];
    }

    public static ReadOnlySpan<byte> WritePolicy(RetryPolicy policy, Span<byte> target)
    {
        var rest = target;
        Word(ref rest, "attempts="u8, policy.Attempts);
        Word(ref rest, " backoff="u8, policy.BackOffMs);
        Word(ref rest, "ms backoffmax="u8, policy.BackOffMsMax);
        Put(ref rest, "ms onfail="u8);
        Put(ref rest, policy.RetriesFailures ? "retry"u8 : "final"u8);
        Put(ref rest, " dead="u8);
        Put(ref rest, policy.KeepsDead ? "keep"u8 : "drop"u8);
        return target[..^rest.Length];
    }

    /// <summary>Applies one <c>key=value</c> of a retry policy; false when it is not understood.</summary>
    public static bool TryApply(ref RetryPolicy policy, ReadOnlySpan<byte> word)
    {
        var equals = word.IndexOf((byte)'=');
        if (equals < 0)
            return false;
        var value = word[(equals + 1)..];
        switch (word[..equals])
        {
            case var key when key.SequenceEqual("attempts"u8):
                if (!TryNumber(value, out var attempts) || attempts > int.MaxValue)
                    return false;
                policy = policy with { Attempts = (int)attempts };
                return true;
            case var key when key.SequenceEqual("backoff"u8):
                if (!TryDuration(value, out var backOff))
                    return false;
                policy = policy with { BackOffMs = backOff };
                return true;
            case var key when key.SequenceEqual("backoffmax"u8):
                if (!TryDuration(value, out var backOffMax))
                    return false;
                policy = policy with { BackOffMsMax = backOffMax };
                return true;
            case var key when key.SequenceEqual("onfail"u8):
                policy = policy with { RetriesFailures = value.SequenceEqual("retry"u8) };
                return policy.RetriesFailures || value.SequenceEqual("final"u8);
            case var key when key.SequenceEqual("dead"u8):
                policy = policy with { KeepsDead = value.SequenceEqual("keep"u8) };
                return policy.KeepsDead || value.SequenceEqual("drop"u8);
            default:
                return false;
        }
    }

    /// <summary>Settings read back from the store; words of a later version are passed over.</summary>
    public static void Restore(FunctionState function, ReadOnlySpan<byte> text)
    {
        var policy = function.Policy;
        var limits = function.Limits;
        foreach (var range in text.Split((byte)' '))
        {
            var word = text[range];
            if (TryApply(ref policy, word))
                continue;
            var equals = word.IndexOf((byte)'=');
            if (equals < 0 || !TryNumber(word[(equals + 1)..], out var number) || number > int.MaxValue)
                continue;
            var key = word[..equals];
            if (key.SequenceEqual("paused"u8))
                function.IsPaused = number != 0;
            else if (key.SequenceEqual("draining"u8))
                function.IsDraining = number != 0;
            else if (key.SequenceEqual("maxhigh"u8))
                limits = limits with { High = (int)number };
            else if (key.SequenceEqual("maxnormal"u8))
                limits = limits with { Normal = (int)number };
            else if (key.SequenceEqual("maxlow"u8))
                limits = limits with { Low = (int)number };
        }

        function.Policy = policy;
        function.Limits = limits;
    }

    /// <summary>A whole number with ms, s, m or h behind it; a bare number is seconds. At most a year.</summary>
    private static bool TryDuration(ReadOnlySpan<byte> text, out long durationMs)
    {
        durationMs = 0;
        var unit = 1000L;
        if (text.EndsWith("ms"u8))
        {
            unit = 1;
            text = text[..^2];
        }
        else if (!text.IsEmpty && text[^1] is (byte)'s' or (byte)'m' or (byte)'h')
        {
            unit = text[^1] switch { (byte)'s' => 1000, (byte)'m' => 60_000, _ => 3_600_000 };
            text = text[..^1];
        }

        const long YearMs = 366L * 24 * 3_600_000;
        if (!TryNumber(text, out var number) || number > YearMs / unit)
            return false;
        durationMs = number * unit;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        return !text.IsEmpty && text[0] is >= (byte)'0' and <= (byte)'9'
            && Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;
    }

    private static void Word(ref Span<byte> rest, ReadOnlySpan<byte> key, long value)
    {
        Put(ref rest, key);
        Utf8Formatter.TryFormat(value, rest, out var digits);
        rest = rest[digits..];
    }

    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> text)
    {
        text.CopyTo(rest);
        rest = rest[text.Length..];
    }
}
