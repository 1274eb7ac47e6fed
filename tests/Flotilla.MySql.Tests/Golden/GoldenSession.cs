using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests.Golden;

/// <summary>
/// A session that was recorded between our client and a real server: files of bytes, in the order they went over the wire, each with all
/// packets that went one way before the next went the other.
/// </summary>
internal sealed record GoldenSession(string Name, DatabaseKind Kind, string User, Func<MySqlConnection, Task> Steps)
{
    public const string Password = "golden password";

    public static IReadOnlyList<GoldenSession> All { get; } =
    [
        new("mariadb", DatabaseKind.MariaDb, "golden", RunAsync),
        new("mysql56", DatabaseKind.MySql56, "golden", RunAsync),
        new("mariadb-ed25519", DatabaseKind.MariaDb, "golden_ed", connection => connection.PingAsync().AsTask()),
        new("mysql56-switch", DatabaseKind.MySql56, "golden", async connection => await connection.ChangeUserAsync("golden", Password)),
    ];

    public string Folder => Repository.Combine("tests", "Flotilla.MySql.Tests", "Golden", Name);

    public static GoldenSession Get(string name) => All.Single(session => session.Name == name);

    public MySqlOptions Options(int port) => Servers.Patient with
    {
        Port = port, User = User, Password = Password, MultiStatements = true, LocalInfile = (_, _) => new ValueTask<Stream?>(new MemoryStream("1\tone\n2\ttwo\n"u8.ToArray())),
    };

    public IReadOnlyList<(bool IsServer, byte[] Bytes)> Read()
        => [.. HexFile.ReadAll(Folder).Select(file => (file.Name.EndsWith("server.hex", StringComparison.Ordinal), file.Bytes))];

    public void Write(IReadOnlyList<(bool IsServer, byte[] Bytes)> chunks, string server)
    {
        Directory.CreateDirectory(Folder);
        foreach (var old in Directory.GetFiles(Folder, "*.hex"))
            File.Delete(old);
        for (var i = 0; i < chunks.Count; i++)
            HexFile.Write(Path.Combine(Folder, $"{i:00}-{(chunks[i].IsServer ? "server" : "client")}.hex"), $"recorded with {server}", chunks[i].Bytes);
    }

    /// <summary>The payloads of a chunk.</summary>
    public static IEnumerable<byte[]> Packets(byte[] chunk)
    {
        for (var at = 0; at < chunk.Length;)
        {
            var length = chunk[at] | chunk[at + 1] << 8 | chunk[at + 2] << 16;
            yield return chunk[(at + 4)..(at + 4 + length)];
            at += 4 + length;
        }
    }

    /// <summary>What is said, and what must come back: the same from the server and from the record.</summary>
    private static async Task RunAsync(MySqlConnection connection)
    {
        await connection.ExecuteAsync("USE golden");
        Assert.Equal((2UL, 1UL), Counts(await connection.ExecuteAsync("INSERT INTO t (n, s) VALUES (10, 'zehn'), (20, NULL)")));
        var table = await connection.QueryTableAsync("SELECT id, n, s, d, b FROM t ORDER BY id");
        Assert.Equal(["id", "n", "s", "d", "b"], table.Columns);
        Assert.Equal(["1", "10", "zehn", "2026-01-02 03:04:05.678000", "3"], table.Rows[0].Values);
        Assert.Null(table.Rows[1]["s"]);
        var error = await Assert.ThrowsAsync<MySqlServerException>(async () => await connection.ExecuteAsync("SELECT nothing FROM t"));
        Assert.Equal((1054, "42S22"), (error.Number, error.SqlState));
        await using (var several = await connection.QueryAsync("SELECT 1; DO 1; SELECT 2"))
        {
            Assert.True(await several.NextResultAsync());
            Assert.True(await several.NextResultAsync());
            Assert.True(await several.ReadAsync());
            Assert.Equal(2, several.GetInt64(0));
        }

        await using (var statement = await connection.PrepareAsync("SELECT id, n, s, d, b, ? FROM t WHERE n > ? ORDER BY id"))
        {
            await using var result = await statement.QueryAsync(["text", 5]);
            Assert.True(await result.ReadAsync());
            Assert.Equal((1, 10, "zehn", "text"), (result.GetInt32(0), result.GetInt64(1), result.GetString(2), result.GetString(5)));
            Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, 678), result.GetDateTime(3));
            Assert.Equal(3UL, result.GetUInt64(4));
            Assert.True(await result.ReadAsync());
            Assert.True(result.IsNull(2));
        }

        Assert.Equal(2UL, (await connection.ExecuteAsync("LOAD DATA LOCAL INFILE 'anything' INTO TABLE l")).AffectedRows);
        Assert.Contains("Uptime", await connection.StatisticsAsync());
        await connection.PingAsync();
    }

    private static (ulong, ulong) Counts(MySqlOk ok) => (ok.AffectedRows, ok.LastInsertId);
}
