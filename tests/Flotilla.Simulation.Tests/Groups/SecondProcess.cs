using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>Seeds run once more in a process of their own: how they run, not what they keep.</summary>
internal sealed class SecondProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<SortedDictionary<ulong, ulong>> _hashes;

    private SecondProcess(Process process)
    {
        _process = process;
        _hashes = Task.Run(ReadAsync);
    }

    public static SecondProcess Start(ulong first, int count)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        string[] words =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Flotilla.Simulator.dll"), "--hashes",
            "--seed", first.ToString(CultureInfo.InvariantCulture), "--count", count.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var word in words)
            start.ArgumentList.Add(word);
        return new SecondProcess(Process.Start(start)!);
    }

    /// <summary>The effect hash of each seed, once all ran.</summary>
    public async Task<SortedDictionary<ulong, ulong>> HashesAsync(CancellationToken cancellationToken)
    {
        var hashes = await _hashes.WaitAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, _process.ExitCode);
        return hashes;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<SortedDictionary<ulong, ulong>> ReadAsync()
    {
        var hashes = new SortedDictionary<ulong, ulong>();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is [var seed, var hash] && ulong.TryParse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
                hashes[ulong.Parse(seed, CultureInfo.InvariantCulture)] = value;
        }

        return hashes;
    }
}
