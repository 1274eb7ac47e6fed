using Flotilla.Cli.Rendering;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary>What is printed about sandboxes.</summary>
internal static class SandboxFacts
{
    public static string Text(SandboxTopology topology) => topology switch
    {
        SandboxTopology.AllMasters => "all-masters",
        SandboxTopology.FanIn => "fan-in",
        SandboxTopology.Single or SandboxTopology.Multiple or SandboxTopology.Replication or SandboxTopology.Ring => topology.ToString().ToLowerInvariant(),
        _ => throw new ArgumentOutOfRangeException(nameof(topology)),
    };

    public static string Text(SandboxRole role) => role.ToString().ToLowerInvariant();

    /// <summary>Its servers, a row each.</summary>
    public static Listing Nodes(SandboxInstance sandbox)
    {
        var listing = new Listing(
            new Column("Server", "node"), new Column("Role", "role"), new Column("Port", "port", CellKind.Count), new Column("Replicates from", "sources"), new Column("Folder", "folder"));
        foreach (var node in sandbox.Nodes)
            listing.Add(node.Name, Text(node.Role), node.Port, node.Sources, sandbox.FolderOf(node));
        return listing;
    }

    public static string Json(SandboxInstance sandbox) => JsonText.Object(writer =>
    {
        var spec = sandbox.Record.Spec;
        writer.WriteString("name", sandbox.Name);
        writer.WriteString("topology", Text(spec.Topology));
        writer.WriteString("state", sandbox.Record.State.ToString().ToLowerInvariant());
        writer.WriteString("folder", sandbox.Folder);
        writer.WriteString("version", spec.Server.VersionText);
        writer.WriteString("host", spec.Host);
        writer.WriteStartArray("nodes");
        foreach (var node in sandbox.Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("name", node.Name);
            writer.WriteString("role", Text(node.Role));
            writer.WriteNumber("port", node.Port);
            writer.WriteNumber("serverId", node.ServerId);
            writer.WriteString("socket", sandbox.SocketOf(node));
            writer.WriteString("folder", sandbox.FolderOf(node));
            writer.WriteString("optionFile", Path.Combine(sandbox.FolderOf(node), "my.cnf"));
            writer.WriteStartArray("sources");
            foreach (var source in node.Sources)
                writer.WriteStringValue(source);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
