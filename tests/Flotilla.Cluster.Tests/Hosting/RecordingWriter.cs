using System.Diagnostics;
using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A client that writes row after row to whichever server takes it, and remembers what was acknowledged.</summary>
internal sealed class RecordingWriter : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly IReadOnlyList<MySqlOptions> _servers;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<long> _acknowledged = [];
    private readonly Task _writing;
    private long _lastAt;
    private TimeSpan _gap;

    public RecordingWriter(IReadOnlyList<MySqlOptions> servers, long first)
    {
        _servers = servers;
        _writing = Task.Run(() => WriteAsync(first));
    }

    public int Count
    {
        get
        {
            lock (_acknowledged)
                return _acknowledged.Count;
        }
    }

    /// <summary>Ends the writing, and says what was acknowledged and the longest time between two acknowledgements.</summary>
    public async Task<(IReadOnlyList<long> Rows, TimeSpan Gap)> EndAsync()
    {
        await _ending.CancelAsync();
        await _writing;
        return (_acknowledged, _gap);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ending.Dispose();
    }

    private async Task WriteAsync(long id)
    {
        MySqlConnection? session = null;
        for (var server = 0; !_ending.IsCancellationRequested; id++)
        {
            try
            {
                session ??= await MySqlConnection.OpenAsync(_servers[server]);
                await session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO app.w (id) VALUES ({id})"));
                Acknowledge(id);
                await Task.Delay(Pause);
            }
            catch (MySqlException)
            {
                if (session is not null)
                    await session.DisposeAsync();
                session = null;
                server = (server + 1) % _servers.Count;
                await Task.Delay(Pause);
            }
        }

        if (session is not null)
            await session.DisposeAsync();
    }

    private void Acknowledge(long id)
    {
        lock (_acknowledged)
        {
            var now = Stopwatch.GetTimestamp();
            if (_acknowledged.Count > 0 && Stopwatch.GetElapsedTime(_lastAt, now) is var gap && gap > _gap)
                _gap = gap;
            _lastAt = now;
            _acknowledged.Add(id);
        }
    }
}
