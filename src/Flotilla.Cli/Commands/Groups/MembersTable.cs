using Flotilla.Cli.Rendering;
using Flotilla.Groups;

namespace Flotilla.Cli.Commands.Groups;

/// <summary>The members of a cluster as rows.</summary>
internal static class MembersTable
{
    public static Listing Of(ClusterStatus status)
    {
        var listing = new Listing(
            new Column("Rank", "rank", CellKind.Count),
            new Column("Name", "name"),
            new Column("Address", "address"),
            new Column("Role", "role"),
            new Column("Sequencer", "sequencer", CellKind.Flag),
            new Column("Weight", "weight", CellKind.Count),
            new Column("Member", "member"))
        {
            EmptyText = $"{status.Node} has no view yet: it waits for others, or for a cluster to join",
        };
        for (var rank = 0; rank < status.Members.Length; rank++)
        {
            var member = status.Members[rank];
            listing.Add(
                (long)rank, member.Name, member.Address, member.Role.ToString().ToLowerInvariant(), member.Id.Node == status.Sequencer, (long)member.Weight, member.Id.ToString());
        }

        return listing;
    }

    /// <summary>One line about the whole.</summary>
    public static string Headline(ClusterStatus status)
        => status.Epoch == 0
            ? $"{status.Node} ({status.Id}): no view yet"
            : $"epoch {status.Epoch}, as {status.Node} sees it{(status.IsMember ? "" : ", which is out")}; it {(status.IsPrimary ? "may" : "may not")} act for it";

    public static string Json(ClusterStatus status) => JsonText.Object(writer =>
    {
        writer.WriteString("node", status.Node);
        writer.WriteString("id", status.Id.ToString());
        writer.WriteString("cluster", status.Cluster.ToString());
        writer.WriteNumber("epoch", status.Epoch);
        writer.WriteBoolean("isMember", status.IsMember);
        writer.WriteBoolean("isPrimary", status.IsPrimary);
        writer.WriteStartArray("members");
        foreach (var member in status.Members)
        {
            writer.WriteStartObject();
            writer.WriteString("name", member.Name);
            writer.WriteString("address", member.Address);
            writer.WriteString("role", member.Role.ToString().ToLowerInvariant());
            writer.WriteBoolean("isSequencer", member.Id.Node == status.Sequencer);
            writer.WriteNumber("weight", member.Weight);
            writer.WriteString("id", member.Id.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
