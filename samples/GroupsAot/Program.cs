using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Hosting;

await using var node = await NodeRuntime.StartAsync(
    new NodeRuntimeOptions { Node = new NodeOptions { Name = "x", Address = "", RandomSeed = 1 }, Listen = new IPEndPoint(IPAddress.Loopback, 0) }, null!, CancellationToken.None);
Console.WriteLine(node.Address);
