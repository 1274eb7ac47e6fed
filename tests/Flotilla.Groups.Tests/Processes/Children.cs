namespace Flotilla.Groups.Tests.Processes;

/// <summary>What this program does when a test starts it once more. All end when their standard input does.</summary>
internal static class Children
{
    public static Task<int> RunAsync(string[] arguments) => arguments switch
    {
        ["node", var index, var listen, var address, var founders, var folder, var suspectMs]
            => TraceNode.RunAsync(int.Parse(index), listen, address, founders.Split(','), folder, int.Parse(suspectMs)),
        ["proxy", .. var routes] => CutProxy.RunAsync(routes),
        _ => throw new ArgumentException($"no child: {string.Join(' ', arguments)}", nameof(arguments)),
    };
}
