using System.Net;

namespace Flotilla.Deployment.Tests.Support;

/// <summary>What this program does when a test starts it once more: a host worker that can be killed, or that lives in a network of its own.</summary>
internal static class Children
{
    /// <summary>worker NAME ROOT ADDRESS BASEDIR JOBSERVER SECRET: works until its standard input ends.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["worker", var name, var root, var address, var basedir, var server, var secret])
            return 2;
        using var stop = new CancellationTokenSource();
        await using var worker = await HostWorker.CreateAsync(new HostWorkerOptions
        {
            Name = HostName.Parse(name), Servers = [server], Secret = secret.Length > 0 ? secret : null, Root = root, Address = IPAddress.Parse(address), Basedirs = [basedir],
        });
        var running = worker.RunAsync(stop.Token);
        await worker.StartAsync(CancellationToken.None);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await running;
        return 0;
    }
}
