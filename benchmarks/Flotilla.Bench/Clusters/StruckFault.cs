using System.Diagnostics;
using Flotilla.Bench.Groups;

namespace Flotilla.Bench.Clusters;

/// <summary>A fault that has been done to a server, until its end.</summary>
internal sealed class StruckFault(GroupNetwork network, IClusterUnderTest cluster, DatabaseHost victim, Fault fault) : IDisposable
{
    /// <summary>How long a hung server hangs, and a host is cut off, if nothing ends it before.</summary>
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(20);

    private readonly int _process = victim.Process;
    private readonly long _began = Stopwatch.GetTimestamp();

    public DateTimeOffset At { get; } = DateTimeOffset.UtcNow;

    /// <summary>Returns when it is done; a switchover takes its time.</summary>
    public async Task StrikeAsync()
    {
        switch (fault)
        {
            case Fault.Kill:
                HostProcess.Send(_process, "KILL");
                break;
            case Fault.Hang:
                HostProcess.Send(_process, "STOP");
                break;
            case Fault.Cut:
                network.SetPlugged(victim.Number, isPlugged: false);
                break;
            case Fault.Switchover:
                await cluster.SwitchOverAsync(victim, cluster.Hosts.First(host => host != victim));
                break;
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>Ends it in its time. Returns from when on all could be well again: the beginning, or the host's return.</summary>
    public async Task<long> EndAsync()
    {
        var left = s_length - Stopwatch.GetElapsedTime(_began);
        if (left > TimeSpan.Zero && (fault == Fault.Cut || (fault == Fault.Hang && HostProcess.IsAlive(_process))))
            await Task.Delay(left);
        Dispose();
        return fault == Fault.Cut ? Stopwatch.GetTimestamp() : _began;
    }

    /// <summary>Ends it now.</summary>
    public void Dispose()
    {
        if (fault == Fault.Cut)
            network.SetPlugged(victim.Number, isPlugged: true);
        else if (fault == Fault.Hang && HostProcess.IsAlive(_process))
            HostProcess.Send(_process, "CONT");
    }
}
