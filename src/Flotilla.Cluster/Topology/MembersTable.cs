using System.Globalization;
using System.Text;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;

namespace Flotilla.Cluster.Topology;

/// <summary>
/// The view <c>flotilla.members</c> on one server: the topology for whoever speaks SQL. Written by the server's node, past the binary log and read-only mode; read by every
/// user. What a node wrote grows old on the server's own clock, so the view says <c>stale</c> when nobody writes any more. One caller at a time. See docs/protocols/topology.md.
/// </summary>
public sealed class MembersTable : IAsyncDisposable
{
    /// <summary>Name of the view.</summary>
    public const string View = ServerPreparation.Schema + ".members";

    private const string Rows = ServerPreparation.Schema + ".members_rows";
    private const string Beat = ServerPreparation.Schema + ".members_beat";

    /// <summary>Tables of another layout are made anew.</summary>
    private const string Layout = "flotilla members 1";

    private const int ErrorLengthMax = 1000;
    private const int SiteLengthMax = 255;

    /// <summary>A heartbeat this young is as good as that of the writer itself, and moves with it without being written.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly ObserverSession _session;
    private readonly Dictionary<string, TopologyMember> _written = new(StringComparer.Ordinal);
    private MySqlConnection? _prepared;

    /// <summary>Whether the table is known to hold what was written.</summary>
    private bool _isKnown;

    public MembersTable(ManagedServer server, TimeProvider time)
        => _session = new ObserverSession(server.Session with { MultiStatements = true }, "SET SESSION sql_log_bin = 0", time);

    /// <summary>Writes what changed since the last time, and the heartbeat, in one transaction. Once a second and at every change.</summary>
    /// <exception cref="MySqlException">It failed; the next one writes everything.</exception>
    /// <exception cref="TimeoutException">Not in time.</exception>
    public async Task WriteAsync(ClusterTopology topology, TimeSpan within, CancellationToken cancellationToken = default)
    {
        var isKnown = _isKnown;
        _isKnown = false;
        await _session.AskAsync(
            within,
            async (connection, token) =>
            {
                if (!ReferenceEquals(_prepared, connection))
                {
                    await PrepareAsync(connection, token);
                    (_prepared, isKnown) = (connection, false);
                }

                await connection.ExecuteAsync(Statements(topology, isAll: !isKnown), token);
                return true;
            },
            cancellationToken);
        var settled = topology.Members.Select(member => Settle(member, topology.At)).ToList();
        _written.Clear();
        foreach (var member in settled)
            _written.Add(member.Name, member);
        _isKnown = true;
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    // MySQL 5.6 keeps views as text, and writes TIMESTAMPDIFF(MICROSECOND, ...) into it so that it can't read it again.
    private static async Task PrepareAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        var layout = await connection.QueryScalarAsync(
            $"SELECT MIN(table_comment) FROM information_schema.tables WHERE table_schema = '{ServerPreparation.Schema}' AND table_name IN ('members_rows', 'members_beat')", cancellationToken);
        if (layout != Layout)
            await connection.ExecuteAsync($"DROP TABLE IF EXISTS {Rows}, {Beat}", cancellationToken);
        await connection.ExecuteAsync(
            $"""
            CREATE DATABASE IF NOT EXISTS {ServerPreparation.Schema};
            CREATE TABLE IF NOT EXISTS {Rows} (
              server VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, node VARCHAR(64) NOT NULL, host VARCHAR(255) NOT NULL, port SMALLINT UNSIGNED NOT NULL,
              role VARCHAR(16) NOT NULL, status VARCHAR(16) NOT NULL, epoch BIGINT UNSIGNED NOT NULL, lag INT NULL, `load` INT NOT NULL, site VARCHAR({SiteLengthMax}) NOT NULL,
              ttl INT UNSIGNED NOT NULL, heard DATETIME(6) NULL, error VARCHAR({ErrorLengthMax}) NOT NULL
            ) ENGINE = InnoDB CHARACTER SET utf8mb4 COMMENT = '{Layout}';
            CREATE TABLE IF NOT EXISTS {Beat} (
              id TINYINT UNSIGNED NOT NULL PRIMARY KEY, at DATETIME(6) NOT NULL, cluster VARCHAR(255) NOT NULL, version BIGINT UNSIGNED NOT NULL, quorum BOOLEAN NOT NULL
            ) ENGINE = InnoDB CHARACTER SET utf8mb4 COMMENT = '{Layout}';
            CREATE OR REPLACE SQL SECURITY DEFINER VIEW {View} AS SELECT
              r.host, r.port, r.role,
              IF(UTC_TIMESTAMP(6) BETWEEN COALESCE(r.heard, b.at) - INTERVAL r.ttl SECOND AND COALESCE(r.heard, b.at) + INTERVAL r.ttl SECOND, r.status, 'stale') AS status,
              r.epoch, r.lag, r.`load`, r.site, r.ttl, COALESCE(r.heard, b.at) AS last_heartbeat, r.error, r.server, r.node, b.cluster, b.version, b.quorum
            FROM {Rows} r CROSS JOIN {Beat} b
            """,
            cancellationToken);
        await LetEverybodyReadAsync(connection, cancellationToken);
    }

    /// <summary>MariaDB has had PUBLIC since 10.11. Before, and on MySQL, rights in a schema without a user's name are everybody's.</summary>
    private static async Task LetEverybodyReadAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        if (HasPublic(connection))
        {
            await connection.ExecuteAsync($"GRANT SELECT ON {View} TO PUBLIC", cancellationToken);
            return;
        }

        var granted = await connection.QueryScalarAsync($"SELECT COUNT(*) FROM mysql.db WHERE Host = '%' AND Db = '{ServerPreparation.Schema}' AND User = '' AND Select_priv = 'Y'", cancellationToken);
        if (granted == "0")
            await connection.ExecuteAsync($"REPLACE INTO mysql.db (Host, Db, User, Select_priv) VALUES ('%', '{ServerPreparation.Schema}', '', 'Y'); FLUSH PRIVILEGES", cancellationToken);
    }

    private static bool HasPublic(MySqlConnection connection)
    {
        if (!connection.IsMariaDb)
            return false;
        var end = connection.ServerVersion.AsSpan().IndexOfAnyExcept("0123456789.");
        var number = end < 0 ? connection.ServerVersion.AsSpan() : connection.ServerVersion.AsSpan(0, end);
        return Version.TryParse(number, out var version) && version >= new Version(10, 11);
    }

    private string Statements(ClusterTopology topology, bool isAll)
    {
        var text = new StringBuilder("START TRANSACTION");
        if (isAll)
            text.Append(CultureInfo.InvariantCulture, $"; DELETE FROM {Rows}");
        foreach (var name in (isAll ? [] : _written.Keys.AsEnumerable()).Except(topology.Members.Select(member => member.Name), StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"; DELETE FROM {Rows} WHERE server = {MySqlText.Literal(name)}");
        foreach (var member in topology.Members)
        {
            if (isAll || !_written.TryGetValue(member.Name, out var before) || before != Settle(member, topology.At))
                text.Append(CultureInfo.InvariantCulture, $"; REPLACE INTO {Rows} VALUES ({Values(member, topology.At)})");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"; REPLACE INTO {Beat} VALUES (1, UTC_TIMESTAMP(6), {MySqlText.Literal(topology.Cluster)}, {topology.Version}, {topology.HasQuorum}); COMMIT");
        return text.ToString();
    }

    /// <summary>What is compared with what was written: times within a second are the same one.</summary>
    private TopologyMember Settle(TopologyMember member, DateTimeOffset at)
    {
        if (Age(member, at) is not { } age || age <= Fresh)
            return member with { LastHeartbeat = null };
        var before = _written.GetValueOrDefault(member.Name)?.LastHeartbeat;
        return before is { } known && (known - member.LastHeartbeat!.Value).Duration() < TimeSpan.FromSeconds(1) ? member with { LastHeartbeat = known } : member;
    }

    private static TimeSpan? Age(TopologyMember member, DateTimeOffset at) => at - member.LastHeartbeat;

    private static string Values(TopologyMember member, DateTimeOffset at)
    {
        var heard = Age(member, at) switch
        {
            null => "'1970-01-01'",
            { } age when age <= Fresh => "NULL",
            { } age => string.Create(CultureInfo.InvariantCulture, $"UTC_TIMESTAMP(6) - INTERVAL {(long)age.TotalMicroseconds} MICROSECOND"),
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {MySqlText.Literal(member.Name)}, {MySqlText.Literal(member.Node)}, {MySqlText.Literal(member.Host)}, {member.Port}, '{Word(member.Role)}', '{Word(member.Status)}', {member.Epoch},
            {member.LagSeconds?.ToString(CultureInfo.InvariantCulture) ?? "NULL"}, {member.Load}, {MySqlText.Literal(Cut(member.Site, SiteLengthMax))}, {member.TtlSeconds}, {heard},
            {MySqlText.Literal(Cut(member.Error, ErrorLengthMax))}
            """);
    }

    private static string Word<T>(T word)
        where T : struct, Enum
        => word.ToString().ToLowerInvariant();

    private static string Cut(string text, int lengthMax)
        => text.Length <= lengthMax ? text : text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)];
}
