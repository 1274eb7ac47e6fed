using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Flotilla.Cli.Hosting;
using Flotilla.Groups;
using Flotilla.Groups.Storage;

namespace Flotilla.Cli.Commands.Groups;

/// <summary><c>group run</c>: a node, to try, to watch, to fill a quorum.</summary>
internal static class RunCommand
{
    private const string DefaultListen = "127.0.0.1:4740";

    public static CliCommand Create(IConsole console)
    {
        var security = new GroupSecurityOptions(console);
        var name = new Argument<string>("name") { Description = "Name of the node, unique in the cluster." };
        var listen = new Option<string?>("--listen", "-l") { Description = $"Where others connect: IP:PORT; port 0 takes any free one. Default {DefaultListen}.", HelpName = "ip:port" };
        var seed = new Option<string[]>("--seed") { Description = "Node of the cluster to join; repeat it for several. Without one the node founds a cluster of its own.", HelpName = "host:port" };
        var found = new Option<bool>("--found") { Description = "Found the cluster together with all seeds, once every one of them is there." };
        var data = new Option<string?>("--data") { Description = "Folder of the node. Default: none, it keeps nothing.", HelpName = "folder" };
        var join = new Option<string[]>("--group", "-g") { Description = "Group to join; repeat it for several.", HelpName = "name" };
        var unsecured = new Option<bool>("--allow-unsecured") { Description = "Listen beyond loopback without secret and certificates." };
        var json = OutputOptions.Json("Print an object per view and line.");
        var command = new CliCommand("run", "Run a node of a group until interrupted; it prints the views of the cluster.")
        {
            Examples =
            [
                ("flotilla group run a", "founds a cluster on 127.0.0.1:4740"),
                ("flotilla group run b --listen 127.0.0.2:4740 --seed 127.0.0.1:4740", "joins it"),
                ("flotilla group run db1 --listen 10.0.0.1:4740 --found --seed 10.0.0.2:4740 --seed 10.0.0.3:4740 --data /var/lib/flotilla/group --secret-file /etc/flotilla/secret", "one of three that found a cluster together, with a disk"),
            ],
        };
        command.Arguments.Add(name);
        foreach (var option in (Option[])[listen, seed, found, data, join, unsecured, json])
            command.Options.Add(option);
        security.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var address = parsed.GetValue(listen) ?? DefaultListen;
            if (!IPEndPoint.TryParse(address, out var endPoint))
                throw new CliException(ExitCode.Usage, $"'{address}' is no address to listen on", "Write IP:PORT, as 127.0.0.1:4740; port 0 takes any free one.");
            var seeds = parsed.GetValue(seed) ?? [];
            var options = new GroupOptions
            {
                Name = parsed.GetValue(name)!,
                Listen = endPoint,
                Seeds = [.. seeds],
                Founding = parsed.GetValue(found) ? Founding.WithSeeds : seeds.Length == 0 ? Founding.Alone : Founding.Never,
                DataDirectory = parsed.GetValue(data),
                Secret = security.ReadSecret(parsed),
                Tls = security.ReadTls(parsed),
                AllowUnsecured = parsed.GetValue(unsecured),
            };
            await using var node = await StartAsync(options, cancellationToken);
            await RunAsync(console, node, parsed.GetValue(join) ?? [], parsed.GetValue(json), cancellationToken);
            return ExitCode.Ok;
        });
    }

    public static async Task<GroupNode> StartAsync(GroupOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await GroupNode.StartAsync(options, cancellationToken);
        }
        catch (SocketException failure)
        {
            throw new CliException(ExitCode.Failed, $"can't listen on {options.Listen}: {failure.Message}", "Another program may have the port; --listen takes another.");
        }
        catch (StorageException failure)
        {
            throw new CliException(ExitCode.Failed, failure.Message);
        }
    }

    private static async Task RunAsync(IConsole console, GroupNode node, string[] groups, bool asJson, CancellationToken cancellationToken)
    {
        node.ViewInstalled += view =>
        {
            var status = new ClusterStatus
            {
                Node = node.Name, Id = node.Id, Cluster = view.Cluster, IsPrimary = node.IsPrimary, Epoch = view.Epoch, Sequencer = view.Sequencer, Members = view.Members,
            };
            console.Output.WriteLine(asJson ? MembersTable.Json(status) : $"epoch {view.Epoch}: {string.Join(", ", view.Members.Select(member => member.Name))}");
        };
        console.Error.WriteLine($"node {node.Name} listens on {node.Address}");
        foreach (var group in groups)
            await node.Group(group).JoinAsync(cancellationToken);
        await node.Completion.WaitAsync(cancellationToken);
    }
}
