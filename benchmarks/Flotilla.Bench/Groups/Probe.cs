using System.Diagnostics;
using System.Globalization;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>A member of the group under test: a process that is told what to do, line by line, and answers with figures.</summary>
internal sealed class Probe(int node, Process process, Action? kill = null)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public int Node { get; } = node;

    /// <summary>Gives an order; the answer comes by <see cref="AnswerAsync"/>.</summary>
    public void Tell(string order)
    {
        process.StandardInput.WriteLine(order);
        process.StandardInput.Flush();
    }

    /// <summary>The figures of the next answer.</summary>
    public async Task<double[]> AnswerAsync()
    {
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience)
            ?? throw new BenchException($"the probe of node {Node} ended");
        return [.. line.Split(' ').Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
    }

    public async Task<double[]> AskAsync(string order)
    {
        Tell(order);
        return await AnswerAsync();
    }

    /// <summary>SIGKILL, to the probe and to what makes it a member.</summary>
    public void Kill()
    {
        process.Kill();
        kill?.Invoke();
    }

    public void End()
    {
        try
        {
            process.Kill();
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
    }
}
