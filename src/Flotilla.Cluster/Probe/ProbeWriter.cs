namespace Flotilla.Cluster.Probe;

/// <summary>One client: writes row after row to the server that takes writes, and looks for another when that fails. No write is sent twice.</summary>
internal sealed class ProbeWriter(int number, ProbeOptions options)
{
    public ProbeLedger Ledger { get; } = new(number, options);

    public WritableSearch Search { get; } = new(options);

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ProbeSession? session = null;
        try
        {
            var period = TimeSpan.FromSeconds(1 / options.Rate);
            var began = options.Time.GetTimestamp();
            for (var due = TimeSpan.Zero; !cancellationToken.IsCancellationRequested;)
            {
                session ??= await Search.FindAsync(cancellationToken);
                var outcome = await session.WriteAsync(new ProbeRow(Ledger.Id, Ledger.Next));
                Ledger.Add(outcome, session.Server);
                if (outcome != WriteOutcome.Acknowledged)
                {
                    await session.DisposeAsync();
                    session = null;
                }

                // What was missed is not made up for.
                due += period;
                var now = options.Time.GetElapsedTime(began);
                if (due > now)
                    await Task.Delay(due - now, options.Time, cancellationToken);
                else
                    due = now;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
        finally
        {
            if (session is not null)
                await session.DisposeAsync();
        }
    }
}
