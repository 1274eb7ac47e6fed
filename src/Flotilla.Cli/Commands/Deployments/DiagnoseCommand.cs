using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>deploy diagnose</c>: what hosts are, have and lack, and the ends of servers' logs.</summary>
internal static class DiagnoseCommand
{
    public static CliCommand Create(IConsole console)
    {
        var deployer = new DeployerOption(console);
        var name = deployer.Complete(new Argument<string?>("name") { Description = "A deployment: its hosts, with the ends of its servers' error logs.", Arity = ArgumentArity.ZeroOrOne });
        var hosts = DeployerOption.Hosts("Only these hosts. Default: the deployment's, else all that the job servers know.");
        var json = OutputOptions.Json("Print an array of objects, one per host.");
        var command = new CliCommand("diagnose", "Ask hosts what they have and lack; exit code 1 when one lacks something or does not answer.")
        {
            Examples =
            [
                ("flotilla deploy diagnose", "all hosts that the job server knows"),
                ("flotilla deploy diagnose shop", "the hosts of a deployment, and what its servers logged last"),
                ("flotilla deploy diagnose --hosts hostb --json | jq '.[].missing'", "what one host lacks, for a script"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(hosts);
        command.Options.Add(json);
        deployer.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var wanted = DeployerOption.ReadHosts(parsed.GetValue(hosts));
            var logs = new Dictionary<string, string>(StringComparer.Ordinal);
            var deployment = parsed.GetValue(name);
            if (deployment is not null)
            {
                var journal = Deployer.Find(deployer.Folder(parsed), deployment)
                    ?? throw new CliException(ExitCode.NotFound, $"there is no deployment {deployment} in {deployer.Folder(parsed)}");
                foreach (var node in journal.Nodes.Where(node => node.Progress != NodeProgress.Planned))
                    logs.TryAdd(node.Host, node.Sandbox);
                if (wanted.Count == 0)
                    wanted = [.. journal.Nodes.Select(node => HostName.Parse(node.Host)).Distinct()];
            }

            await using var deploys = deployer.Create(parsed, deployment is null ? [] : [deployment]);
            var all = await deploys.DiagnoseAsync(wanted, logs, cancellationToken);
            if (parsed.GetValue(json))
                console.Output.WriteLine(Json(all));
            else
                Print(console, all);
            return all.All(one => one.Facts is { Missing.Count: 0 }) ? ExitCode.Ok : ExitCode.Failed;
        });
    }

    private static void Print(IConsole console, IReadOnlyList<HostDiagnosis> all)
    {
        if (all.Count == 0)
            console.Error.WriteLine("no host has a worker here; start one with 'flotilla worker host'");
        foreach (var one in all)
        {
            if (one.Facts is not { } facts)
            {
                console.Output.WriteLine($"{one.Host}: {CellText.Printable(one.Problem ?? "")}");
                continue;
            }

            console.Output.WriteLine($"{one.Host} ({facts.Address}): {facts.System} {facts.Architecture}, {facts.Processors} processors, {facts.FreeBytes >> 20} MiB free in {CellText.Printable(facts.Root)}");
            Lines(console, "can", [string.Join(", ", facts.Functions)]);
            Lines(console, "lacks", facts.Missing);
            Lines(console, "server", [.. facts.Servers.Select(server => $"{(server.IsMariaDb ? "MariaDB" : "MySQL")} {server.Version} ({server.Program})")]);
            Lines(console, "tarball", [.. facts.Tarballs.Select(tarball => $"{tarball.File}, {tarball.SizeBytes >> 20} MiB, sha256 {tarball.Sha256}")]);
            Lines(console, "sandbox", [.. facts.Sandboxes.Select(sandbox => $"{sandbox.Name}, {sandbox.State}, port {sandbox.Port}")]);
            Lines(console, "log", facts.LogTail);
        }
    }

    private static void Lines(IConsole console, string title, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
            console.Output.WriteLine($"  {title}: {CellText.Printable(line)}");
    }

    private static string Json(IReadOnlyList<HostDiagnosis> all)
    {
        var listing = new Listing(
            new Column("Host", "host"), new Column("Address", "address"), new Column("Architecture", "architecture"), new Column("Root", "root"), new Column("Free", "freeBytes"),
            new Column("Functions", "functions"), new Column("Missing", "missing"), new Column("Servers", "servers"), new Column("Tarballs", "tarballs"),
            new Column("Sandboxes", "sandboxes"), new Column("Log", "log"), new Column("Problem", "problem"));
        foreach (var one in all)
        {
            var facts = one.Facts;
            listing.Add(
                one.Host, facts?.Address, facts?.Architecture, facts?.Root, facts?.FreeBytes, facts?.Functions, facts?.Missing,
                facts?.Servers.Select(server => $"{(server.IsMariaDb ? "mariadb" : "mysql")} {server.Version}").ToList(),
                facts?.Tarballs.Select(tarball => tarball.File).ToList(), facts?.Sandboxes.Select(sandbox => sandbox.Name).ToList(), facts?.LogTail, one.Problem);
        }

        return JsonText.Array(listing);
    }
}
