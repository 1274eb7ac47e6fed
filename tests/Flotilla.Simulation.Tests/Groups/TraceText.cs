using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>Small traces by hand: every checker must be seen to fail on a wrong one, and to be silent on a right one.</summary>
internal static class TraceText
{
    private const string Cluster = "000000000000000a000000000000000b";

    /// <summary>A view of nodes 1, 2, 3 by default, all voters of weight 1, their first incarnations.</summary>
    public static string View(int epoch, int start, string members = "1.1:v:1,2.1:v:1,3.1:v:1", string cluster = Cluster)
        => $"epoch={epoch} seq={start} view={cluster}/{epoch}/{start}/1/0/{members}";

    public static IReadOnlyList<Violation> Check(string text) => Checker.Check(Trace.Read(text.Split('\n').Select(line => line.Trim())));

    public static void Holds(string text)
    {
        var found = Check(text);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>The trace breaks this promise, and no other.</summary>
    public static void Breaks(string name, string text)
    {
        var found = Check(text);
        Assert.Contains(found, violation => violation.Name == name);
        Assert.All(found, violation => Assert.Equal(name, violation.Name));
    }

    /// <summary>The trace breaks this promise, and perhaps others with it.</summary>
    public static void BreaksAmongOthers(string name, string text) => Assert.Contains(Check(text), violation => violation.Name == name);
}
