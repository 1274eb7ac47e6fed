using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Groups.Core;

namespace Flotilla.Cli.Commands.Groups;

/// <summary><c>group bench</c>: load and latency between processes of this machine.</summary>
internal static class BenchCommand
{
    private const int MaxNodes = 9;

    public static CliCommand Create(IConsole console)
    {
        var nodes = new Option<int?>("--nodes") { Description = $"Nodes, 1 to {MaxNodes}, each a process of its own. Default 3.", HelpName = "n" };
        var count = new Option<int?>("--count", "-c") { Description = "Messages for each figure. Default 10000.", HelpName = "n" };
        var size = new Option<int?>("--size") { Description = "Bytes of a message. Default 64.", HelpName = "bytes" };
        var delivery = new Option<string>("--delivery") { Description = "ordered, safe, durable or all.", HelpName = "class", DefaultValueFactory = _ => "all" };
        var memory = new Option<bool>("--in-memory") { Description = "Keep no logs on disk; durable is then no more than safe." };
        var json = OutputOptions.Json("Print an array of objects.");
        delivery.AcceptOnlyFromAmong("all", "ordered", "safe", "durable");
        var command = new CliCommand("bench", "Start nodes on this machine, measure latency and throughput between them, and end them.")
        {
            Examples =
            [
                ("flotilla group bench", "three nodes with logs on disk"),
                ("flotilla group bench --nodes 5 --size 8192 --delivery ordered --in-memory", "five without, with messages of 8 KiB"),
            ],
        };
        foreach (var option in (Option[])[nodes, count, size, delivery, memory, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(nodes) is < 1 or > MaxNodes)
                result.AddError($"--nodes must be 1 to {MaxNodes}.");
            if (result.GetValue(count) is < 10 or > 100_000_000)
                result.AddError("--count must be 10 to 100000000.");
            if (result.GetValue(size) is < 1 or > 1 << 20)
                result.AddError("--size must be 1 to 1048576.");
        });
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var classes = parsed.GetValue(delivery) switch
            {
                "ordered" => new[] { Delivery.Ordered },
                "safe" => [Delivery.Safe],
                "durable" => [Delivery.SafeDurable],
                _ => [Delivery.Ordered, Delivery.Safe, Delivery.SafeDurable],
            };
            var (messages, bytes) = (parsed.GetValue(count) ?? 10_000, parsed.GetValue(size) ?? 64);
            await using var bench = await GroupBench.StartAsync(parsed.GetValue(nodes) ?? 3, !parsed.GetValue(memory), console, cancellationToken);
            var listing = new Listing(
                new Column("Delivery", "delivery"), new Column("Bytes", "bytes", CellKind.Count), new Column("p50 us", "p50Us", CellKind.Count),
                new Column("p99 us", "p99Us", CellKind.Count), new Column("Messages/s", "messagesPerSecond", CellKind.Count));
            foreach (var one in classes)
            {
                var (p50, p99) = await bench.LatencyAsync(one, bytes, messages, cancellationToken);
                var rate = await bench.ThroughputAsync(one, bytes, messages, cancellationToken);
                listing.Add(one.ToString(), (long)bytes, p50, p99, rate);
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }
}
