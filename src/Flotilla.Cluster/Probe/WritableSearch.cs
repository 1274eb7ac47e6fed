using System.Collections.Concurrent;
using Flotilla.MySql;

namespace Flotilla.Cluster.Probe;

/// <summary>Asks all servers at the same time, and again, until one says that it is not read-only. One that is silent holds nobody up.</summary>
internal sealed class WritableSearch(ProbeOptions options)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);

    /// <summary>Why each server was not taken, last time.</summary>
    public IReadOnlyDictionary<string, string> Answers => _answers;

    /// <summary>The first session with a server that takes writes.</summary>
    public async Task<ProbeSession> FindAsync(CancellationToken cancellationToken)
    {
        using var isFound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var looks = options.Servers.Select(server => LookAsync(server, isFound.Token)).ToList();
        var first = await await Task.WhenAny(looks);
        await isFound.CancelAsync();
        foreach (var session in await Task.WhenAll(looks))
        {
            if (session is not null && session != first)
                await session.DisposeAsync();
        }

        return first ?? throw new OperationCanceledException(cancellationToken);
    }

    /// <summary>With an end: <see cref="ProbeOptions.Patience"/>.</summary>
    /// <exception cref="ProbeException">No server takes writes; says of each why.</exception>
    public async Task<ProbeSession> FindInTimeAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Patience, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await FindAsync(both.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            var reasons = options.Servers.Select(server => $"{server.Server}: {_answers.GetValueOrDefault(server.Server, "no answer")}");
            throw new ProbeException($"no server took writes within {options.Patience.TotalSeconds:0.###} s: {string.Join("; ", reasons)}", late);
        }
    }

    private async Task<ProbeSession?> LookAsync(MySqlOptions server, CancellationToken cancellationToken)
    {
        ProbeSession? session = null;
        try
        {
            while (true)
            {
                try
                {
                    session ??= await ProbeSession.OpenAsync(server, options, cancellationToken);
                    if (!await session.IsReadOnlyAsync(cancellationToken))
                    {
                        _answers.TryRemove(server.Server, out _);
                        return session;
                    }

                    _answers[server.Server] = "read-only";
                }
                catch (Exception failure) when (failure is MySqlException or TimeoutException)
                {
                    _answers[server.Server] = failure.Message;
                    await CloseAsync();
                }

                await Task.Delay(s_pause, options.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await CloseAsync();
            return null;
        }

        async ValueTask CloseAsync()
        {
            if (session is not null)
                await session.DisposeAsync();
            session = null;
        }
    }
}
