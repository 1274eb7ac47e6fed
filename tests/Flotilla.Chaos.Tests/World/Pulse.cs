using System.Diagnostics;

namespace Flotilla.Chaos.Tests.World;

/// <summary>Watches how late this machine lets a thread run. Where all wait for processors a lease may end, and a primary be replaced, without any fault of ours.</summary>
internal sealed class Pulse : IDisposable
{
    /// <summary>With less no lease is missed: keep-alives come every 200 ms, and a lease is 2 s.</summary>
    private static readonly TimeSpan Bearable = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private readonly Thread _thread;
    private volatile bool _isEnding;
    private volatile bool _isStarved;

    public Pulse()
    {
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>It was late at least once.</summary>
    public bool IsStarved => _isStarved;

    public void Dispose()
    {
        _isEnding = true;
        _thread.Join();
    }

    private void Watch()
    {
        while (!_isEnding)
        {
            var start = Stopwatch.GetTimestamp();
            Thread.Sleep(Beat);
            if (Stopwatch.GetElapsedTime(start) - Beat > Bearable)
                _isStarved = true;
        }
    }
}
