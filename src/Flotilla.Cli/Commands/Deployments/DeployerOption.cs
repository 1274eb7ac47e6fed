using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary>Where deployments are kept and which job servers lead to the hosts: the same for all commands about them.</summary>
internal sealed class DeployerOption(IConsole console)
{
    private const string Variable = "FLOTILLA_DEPLOYMENTS";

    private readonly AccessOptions _access = new(console, "--job-servers");
    private readonly Option<string?> _folder = new("--folder")
    {
        Description = $"Folder of the deployments' folders with journal and scripts. Default: ${Variable}, else ~/deployments.", HelpName = "folder",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_folder);
        _access.AddTo(command);
    }

    public string Folder(ParseResult parsed)
        => parsed.GetValue(_folder) ?? (console.Variable(Variable) is { Length: > 0 } given ? given : DeployerOptions.DefaultFolder);

    /// <param name="parsed">The command line.</param>
    /// <param name="names">Deployments whose job servers are taken when none is named.</param>
    public Deployer Create(ParseResult parsed, params IEnumerable<string> names)
    {
        var folder = Folder(parsed);
        var known = names.Select(name => Deployer.Find(folder, name)).OfType<DeploymentJournal>().SelectMany(journal => journal.JobServers).Distinct(StringComparer.Ordinal).ToList();
        var access = _access.Read(parsed, known.Count > 0 ? known : null);
        return new Deployer(new DeployerOptions
        {
            Access = new FleetAccess { Servers = access.Servers, Secret = access.Secret, Tls = access.Tls, ConnectTimeout = access.ConnectTimeout, TimeProvider = console.Clock },
            Folder = folder,
        });
    }

    /// <summary>Names of deployments, completed by those that are there.</summary>
    public T Complete<T>(T argument)
        where T : Argument
    {
        argument.CompletionSources.Add(context => Deployer.List(Folder(context.ParseResult)).Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        return argument;
    }

    public static Option<string[]> Hosts(string description) => new("--hosts")
    {
        Description = description, HelpName = "host,host,...", AllowMultipleArgumentsPerToken = true,
    };

    public static IReadOnlyList<HostName> ReadHosts(string[]? words)
        => [.. (words ?? []).SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(HostName.Parse)];
}
