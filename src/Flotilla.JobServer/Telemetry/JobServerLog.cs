using System.Text;
using Flotilla.JobServer.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer.Telemetry;

/// <summary>
/// Turns what the machine reports into log lines. Ordinary life of jobs is logged at debug level only; nothing is formatted for a
/// level that is off. The logger is called under the machine's lock: give it one that hands lines to a writer of its own.
/// </summary>
public sealed class JobServerLog(ILogger logger, TimeProvider time) : IJobServerObserver
{
    /// <summary>A full queue is refused to its submitters thousands of times a second; it is news once in a while.</summary>
    private static readonly TimeSpan OverLimitInterval = TimeSpan.FromSeconds(10);

    /// <summary>Functions whose last such line is remembered; past that all are forgotten and may be told again.</summary>
    private const int MaxOverLimitFunctions = 1000;

    private readonly Dictionary<string, (long LastTimestamp, long Refused)> _overLimit = [];

    /// <summary>What is logged above debug level, or everything if that is on when the server starts.</summary>
    public ulong Kinds { get; } = logger.IsEnabled(LogLevel.Debug)
        ? ulong.MaxValue
        : JobServerObserver.MaskOf(
            JobServerEventKind.JobBuried, JobServerEventKind.JobTimedOut, JobServerEventKind.WorkerLost, JobServerEventKind.QueueOverLimit,
            JobServerEventKind.AccessDenied);

    public void Report(in JobServerEvent happened)
    {
        switch (happened.Kind)
        {
            case JobServerEventKind.JobBuried:
                Log.JobBuried(logger, happened.Job.Value, Name(happened), happened.Detail ?? "attempts used up");
                break;
            case JobServerEventKind.JobTimedOut:
                Log.JobTimedOut(logger, happened.Job.Value, Name(happened), happened.RanMs);
                break;
            case JobServerEventKind.WorkerLost:
                Log.WorkerLost(logger, happened.Connection.Slot, Name(happened));
                break;
            case JobServerEventKind.QueueOverLimit:
                ReportOverLimit(Name(happened));
                break;
            case JobServerEventKind.AccessDenied:
                Log.AccessDenied(logger, happened.Connection.Slot, happened.Detail ?? "not allowed");
                break;
            default:
                if (!happened.Function.IsEmpty && logger.IsEnabled(LogLevel.Debug))
                    Log.JobChanged(logger, happened.Job.Value, Name(happened), happened.Kind.ToString());
                break;
        }
    }

    public void StoreFailed(int records, string reason) => Log.StoreFailed(logger, records, reason);

    private void ReportOverLimit(string function)
    {
        if (_overLimit.Count >= MaxOverLimitFunctions)
            _overLimit.Clear();
        var (last, refused) = _overLimit.GetValueOrDefault(function);
        if (last == 0 || time.GetElapsedTime(last) >= OverLimitInterval)
        {
            Log.QueueOverLimit(logger, function, refused + 1);
            _overLimit[function] = (time.GetTimestamp(), 0);
        }
        else
        {
            _overLimit[function] = (last, refused + 1);
        }
    }

    private static string Name(in JobServerEvent happened) => Encoding.UTF8.GetString(happened.Function);
}
