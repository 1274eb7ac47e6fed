using System.Text.Json;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary>Deployments in tables and JSON.</summary>
internal static class DeploymentFacts
{
    public static Listing Nodes(DeploymentJournal journal)
    {
        var listing = new Listing(
            new Column("Server", "node"), new Column("Host", "host"), new Column("Address", "address"), new Column("Port", "port", CellKind.Count), new Column("Version", "version"));
        foreach (var node in journal.Nodes)
            listing.Add(node.Name, node.Host, node.Address, node.Port, journal.Version);
        return listing;
    }

    public static void Write(Utf8JsonWriter writer, DeploymentJournal journal, string? folder)
    {
        writer.WriteString("name", journal.Name);
        writer.WriteString("version", journal.Version);
        writer.WriteString("state", folder is null ? "planned" : journal.State.ToString().ToLowerInvariant());
        if (folder is not null)
            writer.WriteString("folder", folder);
        writer.WriteStartArray("servers");
        foreach (var node in journal.Nodes)
        {
            writer.WriteStartObject();
            writer.WriteString("node", node.Name);
            writer.WriteString("host", node.Host);
            writer.WriteString("address", node.Address);
            writer.WriteNumber("port", node.Port);
            writer.WriteNumber("serverId", node.ServerId);
            writer.WriteString("sandbox", node.Sandbox);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
