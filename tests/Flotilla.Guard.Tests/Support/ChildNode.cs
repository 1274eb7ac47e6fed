using System.Globalization;

namespace Flotilla.Guard.Tests.Support;

/// <summary>A node in a process of its own: starts the server, says its number, and extends its lease until it is killed.</summary>
internal static class ChildNode
{
    private const ulong Epoch = 1;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (folder, leaseMs) = (arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture));
        await using var client = await GuardClient.ConnectOrStartAsync(new GuardOptions { Folder = folder, Command = arguments[2..] });
        var process = await client.StartAsync(GuardRole.Primary, Epoch, []);
        await client.ArmAsync(Epoch, BootClock.NowNs + (leaseMs * GuardProtocol.NsPerMs));
        Console.WriteLine(process);
        while (client.Lease(Epoch, BootClock.NowNs + (leaseMs * GuardProtocol.NsPerMs)))
            await Task.Delay(Period);
        return 1;
    }
}
