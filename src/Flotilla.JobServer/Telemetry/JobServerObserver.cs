using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>Several observers as one, called in order, each for the kinds of events it wants.</summary>
public sealed class JobServerObserver(params IJobServerObserver[] observers) : IJobServerObserver
{
    private readonly IJobServerObserver[][] _byKind =
        [.. Enum.GetValues<JobServerEventKind>().Select(kind => observers.Where(one => (one.Kinds & BitOf(kind)) != 0).ToArray())];

    /// <summary>The mask of some kinds.</summary>
    public static ulong MaskOf(params ReadOnlySpan<JobServerEventKind> kinds)
    {
        ulong mask = 0;
        foreach (var kind in kinds)
            mask |= BitOf(kind);
        return mask;
    }

    public void Report(in JobServerEvent happened)
    {
        foreach (var observer in _byKind[(int)happened.Kind])
            observer.Report(happened);
    }

    public void ConnectionOpened()
    {
        foreach (var observer in observers)
            observer.ConnectionOpened();
    }

    public void ConnectionClosed()
    {
        foreach (var observer in observers)
            observer.ConnectionClosed();
    }

    public void BytesReceived(long count)
    {
        foreach (var observer in observers)
            observer.BytesReceived(count);
    }

    public void BytesSent(long count)
    {
        foreach (var observer in observers)
            observer.BytesSent(count);
    }

    public void StoreCommitted(int records, long bytes, TimeSpan elapsed)
    {
        foreach (var observer in observers)
            observer.StoreCommitted(records, bytes, elapsed);
    }

    public void StoreFailed(int records, string reason)
    {
        foreach (var observer in observers)
            observer.StoreFailed(records, reason);
    }

    private static ulong BitOf(JobServerEventKind kind) => 1UL << (int)kind;
}
