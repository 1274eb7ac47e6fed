using System.Text.RegularExpressions;

namespace Flotilla.Deployment;

/// <summary>
/// Which options for my.cnf a job may bring: those that are numbers, sizes and words by nature. Servers take shortened names too, so what
/// counts is how a name begins.
/// </summary>
internal static partial class SafeOption
{
    private static readonly string[] Allowed =
    [
        "aria_", "auto_increment_", "autocommit", "back_log", "binlog_", "bulk_insert_", "character_set_server", "collation_server", "concurrent_insert",
        "connect_timeout", "default_storage_engine", "default_time_zone", "div_precision", "event_scheduler", "expire_logs", "explicit_defaults", "flush", "ft_",
        "general_log", "group_concat", "gtid_", "innodb_", "interactive_timeout", "join_", "key_buffer", "key_cache", "lock_wait", "log_output", "log_slave_updates",
        "log_replica_updates", "log_warnings", "long_query", "low_priority", "lower_case", "master_verify", "max_", "min_", "myisam_", "net_", "optimizer_",
        "performance_schema", "query_", "range_", "read_buffer", "read_only", "read_rnd", "replica_", "rpl_semi_sync_", "skip_name_resolve", "slave_", "slow_query_log",
        "sort_", "sql_mode", "sql_require_primary_key", "stored_program", "super_read_only", "sync_", "table_", "thread_", "timed_mutexes", "tmp_table_size",
        "transaction_", "tx_isolation", "updatable_views", "wait_timeout",
    ];

    private static readonly string[] Places = ["_dir", "_path", "_file", "_home", "tmpdir"];

    public static bool Allows(string? option)
    {
        if (option is null || !OptionText().IsMatch(option))
            return false;
        var name = option.Split('=')[0].Trim().Replace('-', '_').ToLowerInvariant();
        return Array.Exists(Allowed, allowed => name.StartsWith(allowed, StringComparison.Ordinal))
            && (name is "innodb_log_file_size" or "innodb_file_per_table" || !Array.Exists(Places, place => name.Contains(place, StringComparison.Ordinal)));
    }

    /// <summary>No slash, colon or backslash: so no path either.</summary>
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_-]{0,63}( ?= ?[A-Za-z0-9_,.%+ -]{0,200})?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OptionText();
}
