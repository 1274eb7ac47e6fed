namespace Flotilla.Sandbox.Tests.Support;

/// <summary>What this program does when a test starts it once more, to kill it.</summary>
internal static class Children
{
    /// <summary>make ROOT NAME TOPOLOGY SERVER: makes a sandbox, telling each step.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["make", var root, var name, var topology, var server])
            return 2;
        var spec = new SandboxSpec
        {
            Name = name, Topology = Enum.Parse<SandboxTopology>(topology), Server = await new ServerFinder([], []).FromBasedirAsync(server),
        };
        await new SandboxRoot(root).CreateAsync(spec, new Told(step => Console.WriteLine(step.Text)));
        Console.WriteLine("made");
        return 0;
    }
}
