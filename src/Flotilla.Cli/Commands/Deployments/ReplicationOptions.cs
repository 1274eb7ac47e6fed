using System.CommandLine;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary>The command line of <c>deploy replication</c>: what shall be deployed.</summary>
internal sealed class ReplicationOptions
{
    private readonly Option<string[]> _hosts = DeployerOption.Hosts("The hosts, as their workers are called; the first gets the primary. A host named twice gets two servers.");
    private readonly Option<string?> _name = new("--name", "-n") { Description = "Name of the deployment and of its folder. Default: replication_ and the version.", HelpName = "name" };
    private readonly Option<string?> _version = new("--version")
    {
        Description = "Which server: 10.11, mysql-5.6, ... Default: the newest that all hosts have.", HelpName = "version",
    };

    private readonly Option<int?> _port = new("--base-port", "-p")
    {
        Description = "Port of the servers; those that share an address get the next ones. Default: one that is free on all hosts.", HelpName = "port",
    };

    private readonly Option<bool> _semiSync = new("--semi-sync") { Description = "Commits wait until a replica has them, without limit." };
    private readonly Option<bool> _noGtid = new("--no-gtid") { Description = "Replicate by file and position instead of global transaction ids." };
    private readonly Option<string[]> _my = new("--my")
    {
        Description = "Option for every server's my.cnf, key=value; numbers, sizes and words only. Repeat it for several.", HelpName = "option", DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _access = new("--remote-access")
    {
        Description = "Host part of the users, as 10.0.%. Default: % (any host that can reach the servers), or 127.% when all hosts are on loopback.", HelpName = "hosts",
    };

    private readonly Option<string?> _tarball = new("--tarball")
    {
        Description = "File name of a tarball for hosts without the server: from a host that has it, or the URL configured for it.", HelpName = "file",
    };

    private readonly Option<string?> _sha256 = new("--sha256") { Description = "The tarball's checksum.", HelpName = "digest" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_hosts, _name, _version, _port, _semiSync, _noGtid, _my, _access, _tarball, _sha256])
            command.Options.Add(option);
    }

    public bool NamesHosts(ParseResult parsed) => parsed.GetValue(_hosts) is { Length: > 0 };

    public string? Name(ParseResult parsed) => parsed.GetValue(_name);

    public ReplicationSpec Read(ParseResult parsed) => new()
    {
        Hosts = DeployerOption.ReadHosts(parsed.GetValue(_hosts)),
        Name = parsed.GetValue(_name),
        Version = parsed.GetValue(_version),
        BasePort = parsed.GetValue(_port),
        SemiSync = parsed.GetValue(_semiSync),
        UseGtid = !parsed.GetValue(_noGtid),
        Options = parsed.GetValue(_my)!,
        RemoteAccess = parsed.GetValue(_access),
        Tarball = parsed.GetValue(_tarball),
        TarballSha256 = parsed.GetValue(_sha256)?.ToLowerInvariant(),
    };
}
