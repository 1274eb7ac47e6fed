using System.Text.RegularExpressions;

namespace Flotilla.Sandbox;

/// <summary>
/// A folder of scripts for servers on other hosts: m, s1, n1, use_all, check_slaves, test_replication, ..., the same that a local group has, as far
/// as they work over the network.
/// </summary>
public static partial class RemoteFolder
{
    private static readonly string[] OverTheNetwork =
        ["sb_include", "use_all", "use_all_masters", "use_all_slaves", "exec_all", "check_slaves", "test_replication"];

    /// <summary>Writes it; writing again changes nothing. Passwords stand in files of mode 600.</summary>
    /// <param name="folder">Where; made if need be.</param>
    /// <param name="topology">How they replicate.</param>
    /// <param name="server">Whose dialect they speak, and the client program to use here.</param>
    /// <param name="servers">All of them, the primary first.</param>
    /// <param name="user">User of all of them, with all rights on data: msandbox.</param>
    /// <param name="password">Its password.</param>
    /// <param name="certificateAuthority">PEM file here of the authority that their certificates come from; null: without TLS.</param>
    /// <exception cref="SandboxException">A name is none for a folder.</exception>
    public static void Write(
        string folder, SandboxTopology topology, ServerInstallation server, IReadOnlyList<RemoteServer> servers, string user, string password, string? certificateAuthority = null)
    {
        if (servers.FirstOrDefault(one => !NameText().IsMatch(one.Name)) is { } odd)
            throw new SandboxException(SandboxProblem.BadRequest, $"'{odd.Name}' is no name for a server's folder");
        Directory.CreateDirectory(folder, SafeFile.Folder);
        var record = new SandboxRecord
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            State = SandboxState.Made,
            Created = default,
            Spec = new SandboxSpec { Server = server, Topology = topology },
            Nodes = [.. servers.Select(one => Node(one, topology))],
        };
        GroupWriter.Write(folder, record, name => OverTheNetwork.Contains(name, StringComparer.Ordinal));
        foreach (var one in servers)
        {
            var place = Path.Combine(folder, one.Name);
            Directory.CreateDirectory(place, SafeFile.Folder);
            SafeFile.Write(Path.Combine(place, "my.cnf"), MyCnf.RemoteClient(one, user, password, certificateAuthority), SafeFile.Secret);
            SafeFile.Write(Path.Combine(place, "sb_env"), NodeWriter.Environment(one.Name, server, one.Port, template: null), SafeFile.Public);
            SafeFile.Write(Path.Combine(place, "sb_include"), Scripts.Read("node", "sb_include"), SafeFile.Public);
            SafeFile.Write(Path.Combine(place, "use"), Scripts.Read("node", "use"), SafeFile.Program);
        }
    }

    private static SandboxNode Node(RemoteServer server, SandboxTopology topology) => new()
    {
        Name = server.Name,
        Folder = server.Name,
        Port = server.Port,
        ServerId = server.ServerId,
        Sources = server.Sources,
        Role = topology is SandboxTopology.Ring or SandboxTopology.AllMasters ? SandboxRole.Peer : server.Sources.Count > 0 ? SandboxRole.Replica : SandboxRole.Primary,
    };

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameText();
}
