using System.Net;

namespace Flotilla.Sockets.Tests;

/// <summary>What this program does as a child of its tests.</summary>
internal static class Children
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["echo"]:
                await EchoAsync();
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>Echoes until its input ends, and prints what it is told; every line that comes in asks for the processor time used.</summary>
    private static async Task EchoAsync()
    {
        await using var server = new EchoServer(SocketLoopKind.Epoll);
        Console.WriteLine(((IPEndPoint)server.EndPoint).Port);
        while (await Console.In.ReadLineAsync() is not null)
        {
            var told = string.Join(' ', server.Told.Select(told => told.Kind));
            Console.WriteLine($"{Environment.CpuUsage.TotalTime.TotalMilliseconds:0} {told}");
        }
    }
}
