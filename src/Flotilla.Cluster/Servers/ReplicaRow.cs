using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>A row of SHOW SLAVE STATUS, MariaDB's or MySQL's.</summary>
internal sealed class ReplicaRow(MySqlRow row)
{
    public bool IsMariaDb => row.TryGet("Gtid_Slave_Pos", out _);

    public string SourceHost => Text("Master_Host");

    public int SourcePort => int.Parse(Text("Master_Port"), NumberStyles.None, CultureInfo.InvariantCulture);

    public string User => Text("Master_User");

    public bool UsesGtid => Text("Using_Gtid") is "Slave_Pos" or "Current_Pos" || Text("Auto_Position") == "1";

    /// <summary>Yes, Connecting or Preparing: it runs.</summary>
    public bool IsReceiverRunning => Text("Slave_IO_Running") != "No";

    public bool IsReceiverConnected => Text("Slave_IO_Running") == "Yes";

    public bool IsApplierRunning => Text("Slave_SQL_Running") == "Yes";

    /// <summary>Its applier waits for more, if only for the rest of a transaction. Newer servers call a slave a replica there.</summary>
    public bool HasReadRelayLog => Text("Slave_SQL_Running_State").Contains("has read all relay log", StringComparison.Ordinal);

    /// <summary>MariaDB: what the receiver has had since the server or the receiver started; empty before it has run.</summary>
    public GtidPosition ReceiverPosition => GtidPosition.Parse(Text("Gtid_IO_Pos"));

    /// <summary>MariaDB: what the applier has done.</summary>
    public GtidPosition ApplierPosition => GtidPosition.Parse(Text("Gtid_Slave_Pos"));

    /// <summary>MySQL: the set of what is in the relay log.</summary>
    public string ReceivedSet => Text("Retrieved_Gtid_Set").Replace("\n", "", StringComparison.Ordinal);

    /// <summary>MySQL: the set of what it has.</summary>
    public string ExecutedSet => Text("Executed_Gtid_Set").Replace("\n", "", StringComparison.Ordinal);

    public string RelayLogFile => Text("Relay_Log_File");

    public ulong RelayLogPosition => ulong.TryParse(Text("Relay_Log_Pos"), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : 0;

    public int? LagSeconds => int.TryParse(Text("Seconds_Behind_Master"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    public string ReceiverError => Text("Last_IO_Error");

    public string ApplierError => SqlErrorText.WithoutData(Text("Last_SQL_Error"));

    private string Text(string column) => row.TryGet(column, out var value) ? value ?? "" : "";
}
