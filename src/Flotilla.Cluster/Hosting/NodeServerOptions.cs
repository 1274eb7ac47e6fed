using System.Net;
using System.Text;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Guard;
using Flotilla.MySql;

namespace Flotilla.Cluster.Hosting;

/// <summary>A database server that a node looks after.</summary>
public sealed record NodeServerOptions
{
    /// <summary>What fits into sockaddr_un with its closing zero.</summary>
    private const int SocketPathMax = 107;

    /// <summary>Unique in the cluster; it stays when the address changes.</summary>
    public required ServerName Name { get; init; }

    /// <summary>Where the other servers and clients reach it. Default 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Its TCP port. Default 3306.</summary>
    public int Port { get; init; } = 3306;

    /// <summary>Default MariaDB; without the guarantees MySQL 5.6 and later.</summary>
    public ServerKind Kind { get; init; }

    /// <summary>Its <c>server_id</c>, unique in the cluster, 1 to 4294967295.</summary>
    public required uint ServerId { get; init; }

    /// <summary>Which building; among servers that have equally much the one in the failed one's site is preferred. Default: all in one.</summary>
    public string Site { get; init; } = "";

    /// <summary>How gladly it is made primary. Default normal.</summary>
    public ServerPriority Priority { get; init; } = ServerPriority.Normal;

    /// <summary>Its folder, where the guard keeps its socket and its locks; made when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>Its data folder; default <c>data</c> in <see cref="Folder"/>. Not a mount point where it may have to be filled anew.</summary>
    public string? DataFolder { get; init; }

    /// <summary>
    /// The program and its arguments, as <c>/usr/sbin/mariadbd --defaults-file=/etc/mysql/a.cnf</c>. What the guarantees need is added; a binary log and a unix socket must be set.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>
    /// Who is the parent of its process: the node's guard (start, default), or somebody else, as systemd (attach), whom the node asks by <see cref="StartCommand"/>. Then the server is fenced
    /// as long as guard or node lives, and whoever runs it must not restart it by itself. With watch nobody here starts, ends or restarts it: it follows the primary and acknowledges, and is
    /// never primary, for nothing could fence it.
    /// </summary>
    public Supervision Supervise { get; init; }

    /// <summary>
    /// With attach: the program and its arguments that start the server, as <c>/usr/bin/systemctl start mariadb@a</c>; it ends when the server answers or can't be started, and does nothing
    /// to one that runs. With attach and watch, what the server must be started with is in <c>start.cnf</c> in <see cref="Folder"/>, which its own option file must include, as the last line.
    /// </summary>
    public IReadOnlyList<string> StartCommand { get; init; } = [];

    /// <summary>The user it runs as; default the node's.</summary>
    public string? User { get; init; }

    /// <summary>Its unix socket.</summary>
    public required string Socket { get; init; }

    /// <summary>Who may make accounts, by the socket: used when the server has started, to prepare it. Default root without a password, which the socket lets in.</summary>
    public string AdministratorUser { get; init; } = "root";

    /// <summary>Empty for none.</summary>
    public string AdministratorPassword { get; init; } = "";

    /// <summary>What is installed beside it, for the way back of a former primary; null (default) to look for it beside the server and on the path.</summary>
    public ServerPrograms? Programs { get; init; }

    internal string EffectiveDataFolder => DataFolder ?? Path.Combine(Folder, "data");

    internal ServerSpec Spec => new() { Name = Name, Host = Host, Port = Port, Kind = Kind, ServerId = ServerId, Site = Site, Priority = Priority, IsWatched = Supervise == Supervision.Watch };

    internal MySqlOptions Administrator => new() { UnixSocket = Socket, User = AdministratorUser, Password = AdministratorPassword };

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Host.Length == 0 || Host.Length > 255)
            problems.Add("host: 1 to 255 characters");
        if (Port is < 1 or > IPEndPoint.MaxPort)
            problems.Add($"port: {Port} is not in 1 to {IPEndPoint.MaxPort}");
        if (ServerId == 0)
            problems.Add("serverId: 0 replicates from nobody");
        if (Supervise != Supervision.Watch)
            problems.AddRange(CommandProblems());
        if (!Path.IsPathFullyQualified(Folder))
            problems.Add("folder: must be an absolute path");
        if (!Path.IsPathFullyQualified(Socket))
            problems.Add("socket: must be an absolute path");
        else if (Encoding.UTF8.GetByteCount(Socket) > SocketPathMax)
            problems.Add($"socket: more than {SocketPathMax} bytes");
        problems.AddRange(new GuardOptions { Folder = Folder }.Problems().Where(problem => problem.Contains("socket", StringComparison.Ordinal)).Select(problem => $"folder: {problem}"));
        return problems;
    }

    private IEnumerable<string> CommandProblems()
    {
        var (name, command) = Supervise == Supervision.Attach ? ("startCommand", StartCommand) : ("command", Command);
        if (command.Count == 0 || !Path.IsPathFullyQualified(command[0]))
            yield return $"{name}: the program must be an absolute path";
        else if (!File.Exists(command[0]))
            yield return $"{name}: {command[0]} is not there";
    }
}
