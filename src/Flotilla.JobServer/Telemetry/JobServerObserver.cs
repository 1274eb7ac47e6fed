using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>Several observers as one, called in order.</summary>
public sealed class JobServerObserver(params IJobServerObserver[] observers) : IJobServerObserver
{
    public void Report(in JobServerEvent happened)
    {
        foreach (var observer in observers)
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
}
