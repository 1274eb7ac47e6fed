namespace Flotilla.JobServer.Tests.Server;

/// <summary>What this program does as a child of its tests.</summary>
internal static class Children
{
    public static Task<int> RunAsync(string[] arguments) => Task.FromResult(arguments.Length == 0 ? 0 : 2);
}
