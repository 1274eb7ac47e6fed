using System.Text.Json.Serialization.Metadata;
using Flotilla.Groups;
using Flotilla.Groups.Core;
using Flotilla.Samples.GroupsAot;

// Three nodes in one process: they found a cluster, count together, one leaves, the others go on.
var received = new int[3];
var nodes = new List<GroupNode>();
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
for (var i = 0; i < 3; i++)
{
    var options = new GroupOptions
    {
        Name = $"node{i + 1}",
        Seeds = [.. nodes.Select(node => node.Address)],
        Founding = i == 0 ? Founding.Alone : Founding.Never,
        Messages = new MessageCatalog().Add("counted", CountedContext.Default.Counted),
    };
    nodes.Add(await GroupNode.StartAsync(options, patience.Token));
    await nodes[i].UntilMemberAsync(patience.Token);
}

for (var i = 0; i < nodes.Count; i++)
{
    var place = i;
    await nodes[i].Group("count").On<Counted>((message, _) => received[place] += message.Number).JoinAsync(patience.Token);
}

for (var number = 1; number <= 100; number++)
    await nodes[number % 3].Group("count").SendAsync(new Counted(number), Delivery.Safe, patience.Token);
while (received.Any(sum => Volatile.Read(ref sum) != 5050))
    await Task.Delay(10, patience.Token);
Console.WriteLine($"three nodes counted {string.Join(", ", received)}");

await nodes[2].DisposeAsync();
await nodes[0].UntilViewAsync(view => view.Members.Length == 2, patience.Token);
await nodes[0].Group("count").SendAsync(new Counted(1), Delivery.Safe, patience.Token);
Console.WriteLine($"two go on in epoch {nodes[0].View!.Epoch}");
await nodes[1].DisposeAsync();
await nodes[0].DisposeAsync();
