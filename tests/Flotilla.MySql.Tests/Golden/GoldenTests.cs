using Flotilla.MySql.Protocol;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests.Golden;

/// <summary>Sessions recorded with both servers. FLOTILLA_WRITE_GOLDEN=1 records them anew.</summary>
public sealed class GoldenTests(Servers servers)
{
    private static readonly CapabilityFlags AllCapabilities = (CapabilityFlags)ulong.MaxValue;

    public static TheoryData<string> Names => [.. GoldenSession.All.Select(session => session.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task OurClientSaysWhatItSaidAndUnderstandsWhatTheServerSaid(string name)
    {
        var session = GoldenSession.Get(name);
        var chunks = session.Read();
        Assert.NotEmpty(chunks);
        await using var server = new ReplayServer(chunks);
        await using var connection = await MySqlConnection.OpenAsync(session.Options(server.Port));
        await session.Steps(connection);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task TheServersOfTodayGiveTheSameSession(string name)
    {
        var session = GoldenSession.Get(name);
        var server = await servers.GetAsync(session.Kind);
        await PrepareAsync(session);
        await using var proxy = new RecordingProxy(server.Port);
        await using (var connection = await MySqlConnection.OpenAsync(session.Options(proxy.Port)))
            await session.Steps(connection);
        var chunks = await proxy.EndAsync();
        if (Environment.GetEnvironmentVariable("FLOTILLA_WRITE_GOLDEN") is "1")
            session.Write(chunks, session.Kind.ToString());
        Assert.Equal(session.Read().Select(chunk => chunk.IsServer), chunks.Select(chunk => chunk.IsServer));
    }

    [Theory]
    [InlineData("mariadb", true)]
    [InlineData("mysql56", false)]
    public void HandshakesAreReadToTheLastByte(string name, bool isMariaDb)
    {
        var hello = InitialHandshake.Parse(GoldenSession.Packets(GoldenSession.Get(name).Read()[0].Bytes).First());
        Assert.Equal(isMariaDb, hello.IsMariaDb);
        Assert.StartsWith(isMariaDb ? "10.11." : "5.6.24", hello.Version);
        Assert.Equal("mysql_native_password", hello.AuthMethod);
        Assert.Equal(20, hello.Nonce.Length);
        Assert.DoesNotContain((byte)0, hello.Nonce);
        Assert.Equal(isMariaDb, hello.Capabilities.HasFlag(CapabilityFlags.DeprecateEof));
        Assert.Equal(isMariaDb, hello.Capabilities.HasFlag(CapabilityFlags.MariaDbExtendedTypeInfo));
        Assert.Equal(!isMariaDb, hello.Capabilities.HasFlag(CapabilityFlags.LongPassword));
        Assert.Equal(ServerStatus.AutoCommit, hello.Status);
    }

    [Fact]
    public void HandshakeResponsesAreWrittenAsTheyAreRead()
    {
        foreach (var session in GoldenSession.All)
        {
            var packet = GoldenSession.Packets(session.Read()[1].Bytes).First();
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            HandshakeResponse.Parse(packet).Write(output);
            Assert.Equal(packet, output.WrittenSpan.ToArray());
        }
    }

    [Fact]
    public void EveryStrictPrefixOfEveryPacketIsTakenOrRefusedInWords()
    {
        foreach (var packet in GoldenSession.All.SelectMany(session => session.Read()).SelectMany(chunk => GoldenSession.Packets(chunk.Bytes)))
        {
            for (var length = 0; length <= packet.Length; length++)
                Parsers.TryAll(packet.AsSpan(0, length), AllCapabilities);
        }
    }

    private async Task PrepareAsync(GoldenSession session)
    {
        await using var root = await servers.OpenAsync(session.Kind);
        await root.ExecuteAsync("DROP DATABASE IF EXISTS golden");
        await root.ExecuteAsync("CREATE DATABASE golden");
        await root.UseAsync("golden");
        await root.ExecuteAsync("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n BIGINT, s VARCHAR(20), d DATETIME(6) DEFAULT '2026-01-02 03:04:05.678', b BIT(3) DEFAULT 3)");
        await root.ExecuteAsync("CREATE TABLE l (id INT, t VARCHAR(20))");
        await root.ExecuteAsync($"GRANT ALL ON golden.* TO golden@'%' IDENTIFIED BY '{GoldenSession.Password}'");
        if (session.Kind == DatabaseKind.MariaDb)
            await root.ExecuteAsync($"CREATE OR REPLACE USER golden_ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('{GoldenSession.Password}')");
    }
}
