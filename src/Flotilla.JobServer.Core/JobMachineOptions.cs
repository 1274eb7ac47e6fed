using System.Security.Cryptography;
using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>Everything the machine is told once. Time, randomness and the host's name come from outside.</summary>
public sealed record JobMachineOptions
{
    /// <summary>Longest <see cref="HandlePrefix"/>: with a colon and twenty digits a handle then fits the 63 bytes that clients keep.</summary>
    public const int HandlePrefixBytesMax = 42;

    /// <summary>What handles begin with, before a colon and the number; usually <c>H:</c> and the host's name. Default <c>H:localhost</c>.</summary>
    public string HandlePrefix { get; init; } = "H:localhost";

    /// <summary>What <c>version</c> answers after <c>OK</c>. Default 0.1.0.</summary>
    public string Version { get; init; } = "0.1.0";

    /// <summary>What <c>verbose</c> answers after <c>OK</c>. Default INFO.</summary>
    public string Verbosity { get; init; } = "INFO";

    /// <summary>What <c>getpid</c> answers after <c>OK</c>. Default 0.</summary>
    public int ProcessId { get; init; }

    /// <summary>The first job's number; larger than any given before, also by earlier processes. Replayed records raise it. Default 1.</summary>
    public ulong FirstJobId { get; init; } = 1;

    /// <summary>Seed of the hashes over what peers choose; random per process, fixed in tests. Default 0.</summary>
    public ulong HashSeed { get; init; }

    /// <summary>True when background jobs wait for the store before they are acknowledged and run. Default false: nothing is stored.</summary>
    public bool IsDurable { get; init; }

    /// <summary>True when every client gets WORK_EXCEPTION without asking by option. Default false.</summary>
    public bool ExceptionsByDefault { get; init; }

    /// <summary>Sleeping workers woken per runnable job; 1 to 1,000,000. More wakes workers for nothing. Default 1.</summary>
    public int WorkersWokenPerJob { get; init; } = 1;

    /// <summary>How long a woken worker may take to come before another is woken in its place. Default 200 ms.</summary>
    public long WakeUpPatienceMs { get; init; } = 200;

    /// <summary>True when a worker's functions of equal priority take turns; false serves the last registered first. Default true.</summary>
    public bool RoundRobin { get; init; } = true;

    /// <summary>Retry policy of functions that were told none.</summary>
    public RetryPolicy DefaultPolicy { get; init; } = new();

    /// <summary>Queue limits of functions that were told none. Default none.</summary>
    public QueueLimits DefaultQueueLimits { get; init; }

    /// <summary>Jobs in all, but for dead ones; more are refused with QUEUE_ERROR. Default 0, without limit.</summary>
    public long JobsMax { get; init; }

    /// <summary>Bytes of memory for jobs; when they are used, new jobs are refused with QUEUE_ERROR. Default 0, without limit.</summary>
    public long JobMemoryBytesMax { get; init; }

    /// <summary>Longest function name. Default 512 as in gearmand, at most 32,767.</summary>
    public int FunctionNameBytesMax { get; init; } = ProtocolLimits.MaxFunctionNameBytes;

    /// <summary>Longest unique key. Default 64 as in gearmand, at most 255.</summary>
    public int UniqueBytesMax { get; init; } = ProtocolLimits.MaxUniqueBytes;

    /// <summary>Functions in all: names are kept once used, and peers choose them. Default 100,000.</summary>
    public int FunctionsMax { get; init; } = 100_000;

    /// <summary>Recurring schedules in all. Default 100,000.</summary>
    public int SchedulesMax { get; init; } = 100_000;

    /// <summary>Dead jobs kept per function; the oldest make room. Default 10,000.</summary>
    public int DeadJobsPerFunctionMax { get; init; } = 10_000;

    /// <summary>Bytes that may wait for one connection, replies that wait for the store counted in; then it is closed as a slow reader. Default 64 MiB.</summary>
    public long OutputBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>SHA-256 of the secret that an untrusted connection must give; empty when no secret opens the door. Never the secret itself.</summary>
    public ReadOnlyMemory<byte> SecretHash { get; init; }

    /// <summary>Who may do what; the first rule that matches decides, none matching denies. Empty allows everything.</summary>
    public IReadOnlyList<AccessRule> AccessRules { get; init; } = [];

    /// <summary>What <see cref="SecretHash"/> is of a secret.</summary>
    public static ReadOnlyMemory<byte> HashSecret(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A handle prefix for a host: <c>H:</c> and as much of its name as fits, other than printable ASCII replaced.</summary>
    public static string HandlePrefixFor(string hostName)
    {
        var text = new StringBuilder("H:");
        foreach (var c in hostName)
        {
            if (text.Length == HandlePrefixBytesMax)
                break;
            text.Append(c is > ' ' and < (char)0x7F ? c : '-');
        }

        return text.ToString();
    }

    /// <summary>All problems, one line each; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        var prefix = Encoding.UTF8.GetByteCount(HandlePrefix);
        Check(prefix is > 0 and <= HandlePrefixBytesMax && !HandlePrefix.Any(c => c is <= ' ' or (char)0x7F),
            $"HandlePrefix must be 1 to {HandlePrefixBytesMax} bytes without blanks");
        Check(WorkersWokenPerJob is >= 1 and <= 1_000_000, "WorkersWokenPerJob must be 1 to 1000000");
        Check(WakeUpPatienceMs >= 1, "WakeUpPatienceMs must be at least 1");
        Check(JobsMax >= 0, "JobsMax must not be negative");
        Check(JobMemoryBytesMax >= 0, "JobMemoryBytesMax must not be negative");
        Check(FunctionNameBytesMax is >= 1 and <= short.MaxValue, "FunctionNameBytesMax must be 1 to 32767");
        Check(UniqueBytesMax is >= 1 and <= byte.MaxValue, "UniqueBytesMax must be 1 to 255");
        Check(FunctionsMax >= 1, "FunctionsMax must be at least 1");
        Check(SchedulesMax >= 0, "SchedulesMax must not be negative");
        Check(DeadJobsPerFunctionMax >= 1, "DeadJobsPerFunctionMax must be at least 1");
        Check(OutputBytesMax >= 4096, "OutputBytesMax must be at least 4096");
        Check(SecretHash.Length is 0 or SHA256.HashSizeInBytes, "SecretHash must be empty or 32 bytes");
        Check(DefaultPolicy is { Attempts: >= 0, BackOffMs: >= 0, BackOffMsMax: >= 0 }, "DefaultPolicy must not hold negative numbers");
        Check(DefaultQueueLimits is { High: >= 0, Normal: >= 0, Low: >= 0 }, "DefaultQueueLimits must not be negative");
        return problems;

        void Check(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }
    }
}
