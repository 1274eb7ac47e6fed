namespace Flotilla.Cluster.Servers;

/// <summary>Settings that the guarantees need, with what goes wrong otherwise.</summary>
public static class RequiredSettings
{
    private static readonly RequiredSetting[] OfBoth =
    [
        new("log_slave_updates", "ON", "a replica that becomes primary could not serve the others", IsDynamic: false),
        new("binlog_format", "ROW", "statements may give other rows on a replica, and cannot be taken back", IsDynamic: true),
        new("binlog_row_image", "FULL", "rows that are not logged whole cannot be taken back", IsDynamic: true),
        new("binlog_checksum", "CRC32", "a torn log would be taken for a whole one", IsDynamic: true),
        new("sync_binlog", "1", "a loss of power would lose what was acknowledged", IsDynamic: true),
        new("innodb_flush_log_at_trx_commit", "1", "a loss of power would lose what was acknowledged", IsDynamic: true),
        new("sync_relay_log", "1", "a replica acknowledges after it wrote its relay log: a loss of power would lose it", IsDynamic: true),
        new("slave_net_timeout", "4", "a replica would take a dead connection for a silent primary", IsDynamic: true),
        new("slave_exec_mode", "STRICT", "a replica that differs would hide it", IsDynamic: true),
        new("slave_skip_errors", "OFF", "a replica that differs would hide it", IsDynamic: false),
    ];

    public static IReadOnlyList<RequiredSetting> MariaDb { get; } =
    [
        .. OfBoth,
        new("gtid_strict_mode", "ON", "a replica that differs would hide it", IsDynamic: true),
        new("gtid_ignore_duplicates", "OFF", "a replica that differs would hide it", IsDynamic: true),
        new("relay_log_recovery", "OFF", "a restart would throw away transactions that only this relay log has", IsDynamic: false),
        new("rpl_semi_sync_master_wait_point", "AFTER_SYNC", "others would see commits that may be lost", IsDynamic: true),
        new("rpl_semi_sync_slave_kill_conn_timeout", "1", "a replica would not stop receiving from a hung primary for that long", IsDynamic: true),
    ];

    public static IReadOnlyList<RequiredSetting> MySql { get; } =
    [
        .. OfBoth,
        new("gtid_mode", "ON", "replicas could not be pointed to another primary", IsDynamic: false),
        new("enforce_gtid_consistency", "ON", "statements without an id could not be replicated", IsDynamic: false),
        new("master_info_repository", "TABLE", "a replica would forget where it was", IsDynamic: false),
        new("relay_log_info_repository", "TABLE", "a replica would forget where it was", IsDynamic: false),
    ];

    /// <summary>What must not be there, where a server knows it: a filter leaves out changes that were acknowledged, and the positions don't show it.</summary>
    public static IReadOnlyList<RequiredSetting> NoFilters { get; } =
    [
        .. ((string[])["replicate_do_db", "replicate_ignore_db", "replicate_do_table", "replicate_ignore_table", "replicate_wild_do_table", "replicate_wild_ignore_table", "replicate_rewrite_db"])
            .Select(name => new RequiredSetting(name, "", "a replica would acknowledge what it does not apply", IsDynamic: false)),
        .. ((string[])["binlog_do_db", "binlog_ignore_db"]).Select(name => new RequiredSetting(name, "", "what is not logged reaches no replica", IsDynamic: false)),
    ];

    /// <summary>
    /// Arguments that a server must be started with, besides the settings: it does nothing by itself until it is told to. The role of crash recovery is for whoever starts it to add.
    /// </summary>
    public static IReadOnlyList<string> StartArguments { get; } = ["--skip-slave-start", "--read-only=1"];

    /// <summary>MariaDB's role for crash recovery: a primary keeps what was not acknowledged, a replica truncates it. See <see cref="DataFolder.RecoveryRole"/>.</summary>
    public static string RecoveryArgument(Core.ServerRole role) => role switch
    {
        Core.ServerRole.Primary => "--init-rpl-role=MASTER",
        Core.ServerRole.Replica => "--init-rpl-role=SLAVE",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };
}
