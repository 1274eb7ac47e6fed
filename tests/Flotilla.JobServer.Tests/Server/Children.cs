using System.Globalization;
using System.Net;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Stores;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>What this program does as a child of its tests.</summary>
internal static class Children
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["serve", var folder]:
                await ServeAsync(folder);
                return 0;
            case ["connect", var port, var count]:
                ConnectMany(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>A durable server until its input ends; prints its port.</summary>
    private static async Task ServeAsync(string folder)
    {
        await using var server = await JobServerHost.StartAsync(new JobServerOptions
        {
            Store = new FileJobStore(new FileJobStoreOptions { Folder = folder }),
            Listeners = [TestServer.AnyPort],
        });
        Console.WriteLine(((IPEndPoint)server.Endpoints[0]).Port);
        await Console.In.ReadLineAsync();
    }

    /// <summary>Opens many connections, shows that each is served, and holds them until its input says to go on; then shows it again.</summary>
    private static void ConnectMany(int port, int count)
    {
        var peers = new List<RawPeer>(count);
        for (var i = 0; i < count; i++)
            peers.Add(RawPeer.Connect(new IPEndPoint(IPAddress.Loopback, port)));
        do
        {
            for (var i = 0; i < count; i++)
                peers[i].Send(PacketType.EchoReq, i.ToString(CultureInfo.InvariantCulture));
            for (var i = 0; i < count; i++)
                Assert.Equal(i.ToString(CultureInfo.InvariantCulture), peers[i].Read(PacketType.EchoRes)[0]);
            Console.WriteLine("served");
        }
        while (Console.In.ReadLine() is not null);
    }
}
