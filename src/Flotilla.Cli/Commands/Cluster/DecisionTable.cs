using System.Text.Json;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary>Decisions as rows.</summary>
internal static class DecisionTable
{
    public static Listing Of(JsonElement answer)
    {
        var listing = new Listing(
            new Column("Number", "number", CellKind.Count),
            new Column("At", "atMs", CellKind.TimeMs),
            new Column("Epoch", "epoch", CellKind.Count),
            new Column("What", "what"),
            new Column("Why", "why"),
            new Column("Seen", "seen") { InTable = false })
        {
            EmptyText = "nothing was decided yet",
        };
        foreach (var one in answer.GetProperty("decisions").EnumerateArray())
        {
            listing.Add(
                one.GetProperty("number").GetInt64(), one.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds(), one.GetProperty("epoch").GetInt64(), one.GetProperty("what").GetString(),
                one.GetProperty("why").GetString(), one.GetProperty("seen").GetString());
        }

        return listing;
    }
}
