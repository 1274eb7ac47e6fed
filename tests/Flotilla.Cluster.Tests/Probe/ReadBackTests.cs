using Flotilla.Cluster.Probe;

namespace Flotilla.Cluster.Tests.Probe;

public sealed class ReadBackTests
{
    private const long Writer = 4711;

    [Fact]
    public void RowsAreHeldAgainstWhatTheWriterWasTold()
    {
        WriteOutcome[] told = [WriteOutcome.Acknowledged, WriteOutcome.Acknowledged, WriteOutcome.Refused, WriteOutcome.Unknown, WriteOutcome.Unknown, WriteOutcome.Acknowledged];
        var back = new ReadBack(Writer, told);
        foreach (var number in (long[])[0, 0, 2, 3])
            back.Add(number, ValueOf(number));
        Assert.Equal([1, 5], back.Lost.Select(row => row.Number));
        Assert.Equal(1, back.Duplicates);
        Assert.Equal(1, back.Phantoms);
        Assert.Equal(1, back.UnknownWritten);
    }

    [Fact]
    public void ARowWithAnotherValueOrNumberIsNotTheOneThatWasWritten()
    {
        var back = new ReadBack(Writer, [WriteOutcome.Acknowledged]);
        back.Add(0, ValueOf(0) + 1);
        back.Add(1, ValueOf(1));
        back.Add(-1, ValueOf(-1));
        Assert.Equal([new ProbeRow(Writer, 0)], back.Lost);
        Assert.Equal(3, back.Phantoms);
    }

    private static long ValueOf(long number) => ProbeSession.ValueOf(new ProbeRow(Writer, number));
}
