using System.CommandLine;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary>The command line of <c>sandbox create</c>.</summary>
internal sealed class CreateOptions
{
    private static readonly Dictionary<string, SandboxTopology> Topologies = new(StringComparer.Ordinal)
    {
        ["single"] = SandboxTopology.Single,
        ["multiple"] = SandboxTopology.Multiple,
        ["replication"] = SandboxTopology.Replication,
        ["ring"] = SandboxTopology.Ring,
        ["all-masters"] = SandboxTopology.AllMasters,
        ["fan-in"] = SandboxTopology.FanIn,
    };

    private readonly ServerOptions _server = new();
    private readonly Argument<string?> _name = new("name")
    {
        Description = "Its name. Default: after topology and version, as msb_mariadb_10_11_19 or rsandbox_5_6_24.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _topology = new("--topology", "-t")
    {
        Description = "single, multiple, replication, ring, all-masters or fan-in. Default single.",
        DefaultValueFactory = _ => "single",
    };

    private readonly Option<int?> _nodes = new("--nodes", "-n") { Description = "Servers in all. Default 1 for single, else 3 (with --masters one more than these).", HelpName = "n" };
    private readonly Option<int?> _masters = new("--masters") { Description = "With fan-in: how many are replicated from. Default: all but one.", HelpName = "n" };
    private readonly Option<int?> _port = new("--port", "-p")
    {
        Description = "Port of the first server; the others follow. Default: free ones near the version's usual port, as 5624 for 5.6.24.",
        HelpName = "port",
    };

    private readonly Option<string[]> _my = new("--my")
    {
        Description = "Option for every server's my.cnf: key=value or key; repeat it for several.", HelpName = "option", DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _myPrimary = new("--my-primary")
    {
        Description = "The same, for servers that are replicated from.", HelpName = "option", DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _myReplica = new("--my-replica")
    {
        Description = "The same, for servers that replicate.", HelpName = "option", DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _noGtid = new("--no-gtid") { Description = "Replicate by file and position instead of global transaction ids." };
    private readonly Option<bool> _semiSync = new("--semi-sync") { Description = "Commits wait until a replica has them, without limit." };
    private readonly Option<bool> _tls = new("--tls") { Description = "TLS, with a certificate authority of its own; clients and replicas verify the server." };
    private readonly Option<string> _bind = new("--bind-address")
    {
        Description = "Address to listen on. Default 127.0.0.1.", HelpName = "address", DefaultValueFactory = _ => "127.0.0.1",
    };

    private readonly Option<string?> _report = new("--report-host")
    {
        Description = "Address other hosts reach it at. Default: the bind address.", HelpName = "address",
    };

    private readonly Option<string> _access = new("--remote-access")
    {
        Description = "Host part of the users that come over the network. Default 127.%.", HelpName = "hosts", DefaultValueFactory = _ => "127.%",
    };

    private readonly Option<bool> _json = OutputOptions.Json("Print one object with name, folder, version and nodes.");

    public void AddTo(Command command)
    {
        _topology.AcceptOnlyFromAmong([.. Topologies.Keys]);
        command.Arguments.Add(_name);
        foreach (var option in (Option[])[_topology, _nodes, _masters])
            command.Options.Add(option);
        _server.AddTo(command);
        foreach (var option in (Option[])[_port, _my, _myPrimary, _myReplica, _noGtid, _semiSync, _tls, _bind, _report, _access, _json])
            command.Options.Add(option);
    }

    public bool AsJson(ParseResult parsed) => parsed.GetValue(_json);

    public async Task<SandboxSpec> ReadAsync(ParseResult parsed, SandboxRoot root, CancellationToken cancellationToken) => new()
    {
        Name = parsed.GetValue(_name),
        Topology = Topologies[parsed.GetValue(_topology)!],
        Nodes = parsed.GetValue(_nodes),
        Masters = parsed.GetValue(_masters),
        Server = await _server.FindAsync(parsed, root, cancellationToken),
        Port = parsed.GetValue(_port),
        Options = parsed.GetValue(_my)!,
        PrimaryOptions = parsed.GetValue(_myPrimary)!,
        ReplicaOptions = parsed.GetValue(_myReplica)!,
        UseGtid = !parsed.GetValue(_noGtid),
        SemiSync = parsed.GetValue(_semiSync),
        Tls = parsed.GetValue(_tls),
        BindAddress = parsed.GetValue(_bind)!,
        ReportHost = parsed.GetValue(_report),
        RemoteAccess = parsed.GetValue(_access)!,
    };
}
