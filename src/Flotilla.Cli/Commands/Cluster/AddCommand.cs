using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Core;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster add</c>: takes a server back, or says how a new one joins.</summary>
internal static class AddCommand
{
    private const int NodePort = 4740;

    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var server = new Argument<string>("server") { Description = "Name of the server." };
        var host = new Option<string?>("--host") { Description = "For a server that no node has yet: print what belongs into flotilla.yaml on that host.", HelpName = "host" };
        var port = new Option<int?>("--port") { Description = "Its port. Default 3306.", HelpName = "n" };
        var plan = ChangeAnswer.PlanOption();
        var json = OutputOptions.Json("Print an object: isDone, isOpen and decisions; with --plan: would, isRefused, reason and follows; with --host: server and configuration.");
        var command = new CliCommand("add", "Take a server back that was removed. A new one joins by itself when a node has it in its configuration.")
        {
            Examples =
            [
                ("flotilla cluster add db3", "take it back, and wait until it follows"),
                ("flotilla cluster add db4 --host 10.0.0.4 > flotilla.yaml", "what a node on a new host needs, to be looked through"),
            ],
        };
        command.Arguments.Add(server);
        foreach (var option in (Option[])[host, port, plan, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(port) is < 1 or > ushort.MaxValue)
                result.AddError("--port must be 1 to 65535.");
            if (result.GetValue(host) is { } name && Uri.CheckHostName(name) == UriHostNameType.Unknown)
                result.AddError($"'{name}' is no host.");
            if (!ServerName.IsValid(result.GetValue(server)))
                result.AddError("A server's name is 1 to 64 of a-z, 0-9, '-', '.' and '_'.");
        });
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var name = parsed.GetValue(server)!;
            if (parsed.GetValue(host) is not { } address)
                return await TakeBackAsync(console, client, name, parsed.GetValue(plan), parsed.GetValue(json), cancellationToken);
            var configuration = Configuration(await client.GetAsync("/cluster", cancellationToken), name, address, parsed.GetValue(port) ?? 3306);
            Write(console, name, configuration, parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }

    private static async Task<ExitCode> TakeBackAsync(IConsole console, ClusterClient client, string name, bool isPlan, bool asJson, CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAnswer.AskAsync(console, client, $"add?server={name}", isPlan, asJson, cancellationToken);
        }
        catch (CliException unknown) when (unknown.Code == ExitCode.NotFound)
        {
            throw new CliException(ExitCode.NotFound, unknown.Message, $"A new one joins by itself when a node has it: see what to configure with 'flotilla cluster add {name} --host HOST'.");
        }
    }

    private static void Write(IConsole console, string name, string configuration, bool asJson)
    {
        if (!asJson)
        {
            console.Output.Write(configuration);
            console.Error.WriteLine("start 'flotilla node' with it on that host: the server joins by itself, and is filled if it has to be");
            return;
        }

        console.Output.WriteLine(JsonText.Object(writer =>
        {
            writer.WriteString("server", name);
            writer.WriteString("configuration", configuration);
        }));
    }

    private static string Configuration(JsonElement cluster, string name, string host, int port)
    {
        var servers = cluster.GetProperty("servers").EnumerateArray().ToList();
        if (servers.Concat(cluster.GetProperty("removed").EnumerateArray()).Any(one => one.GetProperty("name").GetString() == name))
            throw new CliException(ExitCode.Refused, $"there is a server {name} already", $"If it was removed, 'flotilla cluster add {name}' takes it back.");
        if (servers.FirstOrDefault(one => one.GetProperty("host").GetString() == host && one.GetProperty("port").GetInt32() == port) is { ValueKind: JsonValueKind.Object } taken)
            throw new CliException(ExitCode.Refused, $"{host}:{port.ToString(CultureInfo.InvariantCulture)} is {taken.GetProperty("name").GetString()}");
        var serverId = servers.Select(one => one.GetProperty("serverId").GetInt64()).DefaultIfEmpty(0).Max() + 1;
        var nodes = servers.Select(one => one.GetProperty("host").GetString()!).Append(host).Distinct(StringComparer.Ordinal).Select(Node);
        return string.Create(CultureInfo.InvariantCulture, $"""
            cluster:
              node: {name}
              listen: {Node(host)}
              nodes: [{string.Join(", ", nodes)}]   # as in the other nodes' files
              secretFile: /etc/flotilla/secret   # the one of the other nodes
              servers:
                - name: {name}
                  host: {host}
                  port: {port}
                  serverId: {serverId}   # no other server's
                  folder: /var/lib/flotilla/{name}
                  dataFolder: /var/lib/mysql
                  socket: /run/mysqld/mysqld.sock
                  user: mysql
                  command: [/usr/sbin/mariadbd, --log-bin=mysql-bin]
            management:
              listen: {Bracketed(host)}:4780
              secretFile: /etc/flotilla/secret

            """);
    }

    private static string Node(string host) => string.Create(CultureInfo.InvariantCulture, $"{Bracketed(host)}:{NodePort}");

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
