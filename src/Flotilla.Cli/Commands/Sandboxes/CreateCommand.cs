using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox create</c>: makes servers and starts them; what is there already is finished or started.</summary>
internal static class CreateCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var options = new CreateOptions();
        var command = new CliCommand("create", "Make a sandbox and start it; one that is there already and was asked for in the same words is finished or started.")
        {
            Examples =
            [
                ("flotilla sandbox create", "one server of the newest version found"),
                ("flotilla sandbox create old --version mysql-5.6", "one of MySQL 5.6"),
                ("flotilla sandbox create shop -t replication -n 4 --semi-sync", "a primary and three replicas"),
                ("flotilla sandbox create -t ring --basedir /opt/mariadb --my max_connections=500", "a ring of three, of those programs"),
                ("flotilla sandbox create -t fan-in -n 4 --masters 3 --port 15000", "one that replicates from three, on ports 15000 to 15003"),
            ],
        };
        options.AddTo(command);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var sandboxes = root.Read(parsed);
            var asJson = options.AsJson(parsed);
            var spec = await options.ReadAsync(parsed, sandboxes, cancellationToken);
            var report = new StepReport(console, asJson);
            await using (report)
            {
                var made = await sandboxes.CreateAsync(spec, report, cancellationToken);
                await report.DisposeAsync();
                if (asJson)
                {
                    console.Output.WriteLine(SandboxFacts.Json(made));
                    return ExitCode.Ok;
                }

                ListingWriter.Write(console, SandboxFacts.Nodes(made), asJson: false);
                console.Error.WriteLine(made.Nodes.Count == 1
                    ? $"The client: {made.Folder}/use, or 'flotilla sandbox use {made.Name}'."
                    : $"Its scripts are in {made.Folder}: n1, use_all{(made.Nodes.Any(node => node.Sources.Count > 0) ? ", m, s1, check_slaves, test_replication" : "")}, ...");
            }

            return ExitCode.Ok;
        });
    }
}
