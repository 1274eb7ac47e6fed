using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>deploy replication</c>: a primary and its replicas, each on a host.</summary>
internal static class ReplicationCommand
{
    public static CliCommand Create(IConsole console)
    {
        var deployer = new DeployerOption(console);
        var options = new ReplicationOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Ask the hosts, print what would be done, and do nothing." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the deployment of that --name, which was interrupted." };
        var json = OutputOptions.Json("Print the deployment as one object: name, version, state, folder, servers.");
        var command = new CliCommand("replication", "Install a primary and replicas on hosts, connect them, and write scripts for them here.")
        {
            Examples =
            [
                ("flotilla deploy replication --hosts hosta,hostb,hostc", "by the job server on this machine"),
                ("flotilla deploy replication --hosts a,b,c --job-servers 10.0.0.1,10.0.0.2 --secret-file ~/secret --semi-sync", "by others, which want a secret"),
                ("flotilla deploy replication --hosts a,b --version mysql-5.6 --base-port 5624 --name shop --dry-run", "asks and plans only"),
                ("flotilla deploy replication --name shop --resume", "goes on with what was interrupted"),
            ],
        };
        options.AddTo(command);
        foreach (var option in (Option[])[dryRun, resume, json])
            command.Options.Add(option);
        deployer.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var asJson = parsed.GetValue(json);
            var resumes = parsed.GetValue(resume);
            if (resumes && options.Name(parsed) is null)
                throw new CliException(ExitCode.Usage, "--resume needs --name", "'flotilla deploy status' lists the deployments that are there.");
            if (!resumes && !options.NamesHosts(parsed))
                throw new CliException(ExitCode.Usage, "which hosts?", "Give --hosts hosta,hostb,...: the first gets the primary. 'flotilla deploy diagnose' lists those that are known.");
            await using var deploys = deployer.Create(parsed, resumes ? [options.Name(parsed)!] : []);
            await using var report = new DeploymentReport(console, asJson);
            DeploymentJournal journal;
            var name = options.Name(parsed);
            try
            {
                if (resumes)
                {
                    journal = await deploys.ResumeAsync(name!, report, cancellationToken);
                }
                else
                {
                    var plan = await deploys.PlanAsync(options.Read(parsed), cancellationToken);
                    if (parsed.GetValue(dryRun))
                        return Print(console, plan, asJson);
                    name = plan.Journal.Name;
                    journal = await deploys.DeployAsync(plan, report, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (name is not null && Deployer.Find(deployer.Folder(parsed), name) is { State: DeploymentState.Deploying })
            {
                await report.DisposeAsync();
                console.Error.WriteLine($"Interrupted. What was done is kept: go on with --name {name} --resume, or take it away with 'flotilla deploy remove {name}'.");
                throw;
            }

            await report.DisposeAsync();
            Print(console, journal, Path.Combine(deployer.Folder(parsed), journal.Name), asJson);
            return ExitCode.Ok;
        });
    }

    private static ExitCode Print(IConsole console, DeploymentPlan plan, bool asJson)
    {
        if (asJson)
        {
            console.Output.WriteLine(JsonText.Object(writer =>
            {
                DeploymentFacts.Write(writer, plan.Journal, folder: null);
                writer.WriteStartArray("steps");
                foreach (var step in plan.Steps)
                    writer.WriteStringValue(step);
                writer.WriteEndArray();
            }));
            return ExitCode.Ok;
        }

        ListingWriter.Write(console, DeploymentFacts.Nodes(plan.Journal), asJson: false);
        foreach (var step in plan.Steps)
            console.Error.WriteLine($"would be {step}");
        return ExitCode.Ok;
    }

    private static void Print(IConsole console, DeploymentJournal journal, string folder, bool asJson)
    {
        if (asJson)
        {
            console.Output.WriteLine(JsonText.Object(writer => DeploymentFacts.Write(writer, journal, folder)));
            return;
        }

        ListingWriter.Write(console, DeploymentFacts.Nodes(journal), asJson: false);
        console.Error.WriteLine($"Its scripts are in {folder}: m, s1, use_all, check_slaves, test_replication, ...");
    }
}
