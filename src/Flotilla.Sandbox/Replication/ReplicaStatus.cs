using Flotilla.MySql;

namespace Flotilla.Sandbox;

/// <summary>One connection of a replica, as the server tells it.</summary>
public sealed record ReplicaStatus
{
    /// <summary>Its name; empty where a replica has one.</summary>
    public required string Channel { get; init; }

    public required string SourceHost { get; init; }

    public required int SourcePort { get; init; }

    /// <summary>Yes, No or Connecting: whether events come.</summary>
    public required string IoRunning { get; init; }

    /// <summary>Yes or No: whether they are applied.</summary>
    public required string SqlRunning { get; init; }

    /// <summary>What is wrong, in the server's words; empty when nothing is.</summary>
    public required string Error { get; init; }

    /// <summary>Null when it does not replicate.</summary>
    public long? SecondsBehind { get; init; }

    /// <summary>Yes/Yes.</summary>
    public bool IsRunning => IoRunning == "Yes" && SqlRunning == "Yes";

    internal static ReplicaStatus From(MySqlRow row) => new()
    {
        Channel = Value(row, "Connection_name", "Channel_Name"),
        SourceHost = Value(row, "Master_Host", "Source_Host"),
        SourcePort = int.TryParse(Value(row, "Master_Port", "Source_Port"), out var port) ? port : 0,
        IoRunning = Value(row, "Slave_IO_Running", "Replica_IO_Running"),
        SqlRunning = Value(row, "Slave_SQL_Running", "Replica_SQL_Running"),
        Error = string.Join("; ", ((string[])[Value(row, "Last_IO_Error"), Value(row, "Last_SQL_Error")]).Where(text => text.Length > 0)),
        SecondsBehind = long.TryParse(Value(row, "Seconds_Behind_Master", "Seconds_Behind_Source"), out var seconds) ? seconds : null,
    };

    private static string Value(MySqlRow row, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (row.TryGet(name, out var value) && value is not null)
                return value;
        }

        return "";
    }
}
