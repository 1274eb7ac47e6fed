using System.Globalization;
using System.Text.Json;
using Flotilla.Cli.Commands.Cluster;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Topology;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Up;

/// <summary>How to reach a cluster on one machine, and what to try.</summary>
internal sealed class UpFacts(UpFolder folder, IReadOnlyList<NodeOptions> nodes, ClusterTopology topology, string program)
{
    private string Dashboard => $"http://{nodes[0].Management.Listen[0]}/";

    /// <summary>What commands need to find this cluster and to be let in, where it is not what they look for by themselves.</summary>
    private string Access
        => (nodes[0].Management.Listen[0].Port == ClusterAccess.DefaultPort ? "" : $" --node {nodes[0].Management.Listen[0]}")
            + (folder.Words.Length == 0 ? "" : $" --secret-file {ShellWord.Of(folder.ManagementSecret)}");

    public IEnumerable<string> Lines()
    {
        var primary = topology.Primary!;
        yield return "";
        yield return $"  Dashboard   {Dashboard}   to act there, sign in with the line in {folder.ManagementSecret}";
        yield return $"  SQL         {ShellWord.Of(FolderOf(primary) + "/use_rw")}   any server tells the others: SELECT * FROM flotilla.members";
        yield return $"  Status      {program} cluster status --watch{Access}";
        if (ProcessOf(primary) is { } process)
            yield return string.Create(CultureInfo.InvariantCulture, $"  Kill it     kill -9 {process}   the primary's process: another one takes over, and it comes back");
        yield return $"  Move it     {program} cluster switchover --to {topology.Members.First(member => member.Role != TopologyRole.Primary).Name}{Access}";
        yield return $"  Stop        {program} down{folder.Words}";
        yield return "";
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("folder", folder.Path);
        writer.WriteString("dashboard", Dashboard);
        writer.WriteString("managementSecretFile", folder.ManagementSecret);
        writer.WriteStartArray("nodes");
        for (var at = 0; at < nodes.Count; at++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", UpFolder.Nodes[at]);
            writer.WriteString("management", $"http://{nodes[at].Management.Listen[0]}");
            writer.WriteString("gearman", nodes[at].JobServer.Listeners[0].EndPoint.ToString());
            WriteProcess(writer, folder.NodeProcess(UpFolder.Nodes[at]));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("servers");
        foreach (var member in topology.Members.Where(member => !member.IsAnnounced))
        {
            writer.WriteStartObject();
            writer.WriteString("name", member.Name);
            writer.WriteString("host", member.Host);
            writer.WriteNumber("port", member.Port);
            writer.WriteString("role", member.Role.ToString().ToLowerInvariant());
            writer.WriteString("folder", FolderOf(member));
            WriteProcess(writer, ProcessOf(member));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private string FolderOf(TopologyMember member) => nodes.SelectMany(node => node.Cluster!.Servers).First(server => server.Name.ToString() == member.Name).Folder;

    private int? ProcessOf(TopologyMember member) => UpFolder.ServerProcess(FolderOf(member));

    // Null, not 0: to kill 0 is to kill oneself.
    private static void WriteProcess(Utf8JsonWriter writer, int? process)
    {
        if (process is { } id)
            writer.WriteNumber("pid", id);
        else
            writer.WriteNull("pid");
    }
}
