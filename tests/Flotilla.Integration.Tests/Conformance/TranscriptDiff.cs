namespace Flotilla.Integration.Tests.Conformance;

/// <summary>Where two transcripts of the same steps differ.</summary>
internal static class TranscriptDiff
{
    /// <summary>One difference for each step that was answered differently: the step, their answers with minus, ours with plus.</summary>
    public static List<string> Differences(IEnumerable<string> theirs, IEnumerable<string> ours)
    {
        var (left, right) = (BySteps(theirs), BySteps(ours));
        Assert.Equal(left.ConvertAll(step => step[0]), right.ConvertAll(step => step[0]), StringComparer.Ordinal);
        return
        [
            .. left.Zip(right)
                .Where(pair => !pair.First.SequenceEqual(pair.Second, StringComparer.Ordinal))
                .Select(pair => string.Join('\n', ["@ " + pair.First[0], .. Marked("- ", pair.First), .. Marked("+ ", pair.Second)])),
        ];
    }

    private static IEnumerable<string> Marked(string mark, List<string> step) => step.Skip(1).Select(answer => mark + answer);

    private static List<List<string>> BySteps(IEnumerable<string> transcript)
    {
        var steps = new List<List<string>>();
        foreach (var line in transcript)
        {
            if (Scenario.IsAnswer(line))
                steps[^1].Add(line);
            else
                steps.Add([line]);
        }

        return steps;
    }
}
