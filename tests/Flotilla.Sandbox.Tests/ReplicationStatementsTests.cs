namespace Flotilla.Sandbox.Tests;

/// <summary>Each server is spoken to in its own dialect.</summary>
public sealed class ReplicationStatementsTests
{
    private static readonly ReplicationSource Source = new() { Host = "h", Port = 7, Password = "p", UseGtid = true };

    [Fact]
    public void MariaDbFollowsItsOwnIds()
    {
        var statements = new ReplicationStatements(ServerFlavor.MariaDb, new ServerVersion(10, 11, 19));
        Assert.Equal(
            "CHANGE MASTER TO MASTER_HOST='h', MASTER_PORT=7, MASTER_USER='rsandbox', MASTER_PASSWORD='p', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos",
            statements.Connect(Source));
        Assert.StartsWith("CHANGE MASTER 'node1' TO ", statements.Connect(Source with { Channel = "node1" }), StringComparison.Ordinal);
        Assert.Equal(["STOP SLAVE 'node1'", "RESET SLAVE 'node1' ALL"], statements.Disconnect("node1"));
        Assert.Equal("START SLAVE 'node1'", statements.Start("node1"));
        Assert.Equal("SHOW ALL SLAVES STATUS", statements.ShowStatus);
    }

    [Fact]
    public void MySql56KnowsNeitherChannelsNorNewWords()
    {
        var statements = new ReplicationStatements(ServerFlavor.MySql, new ServerVersion(5, 6, 24));
        Assert.EndsWith("MASTER_AUTO_POSITION=1", statements.Connect(Source), StringComparison.Ordinal);
        Assert.EndsWith(
            "MASTER_LOG_FILE='mysql-bin.000003', MASTER_LOG_POS=120",
            statements.Connect(Source with { UseGtid = false, LogFile = "mysql-bin.000003", LogPosition = 120 }),
            StringComparison.Ordinal);
        Assert.Equal(["STOP SLAVE", "RESET SLAVE ALL"], statements.Disconnect(""));
        Assert.Equal("SHOW SLAVE STATUS", statements.ShowStatus);
    }

    [Fact]
    public void MySql84SpeaksOfSourcesAndReplicas()
    {
        var statements = new ReplicationStatements(ServerFlavor.MySql, new ServerVersion(8, 4, 2));
        Assert.Equal(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST='h', SOURCE_PORT=7, SOURCE_USER='rsandbox', SOURCE_PASSWORD='p', SOURCE_CONNECT_RETRY=1, SOURCE_AUTO_POSITION=1, "
            + "GET_SOURCE_PUBLIC_KEY=1 FOR CHANNEL 'c'",
            statements.Connect(Source with { Channel = "c" }));
        Assert.EndsWith(
            "SOURCE_SSL=1, SOURCE_SSL_CA='/ca.pem', SOURCE_SSL_VERIFY_SERVER_CERT=1",
            statements.Connect(Source with { CertificateAuthority = "/ca.pem" }),
            StringComparison.Ordinal);
        Assert.Equal(["STOP REPLICA FOR CHANNEL 'c'", "RESET REPLICA ALL FOR CHANNEL 'c'"], statements.Disconnect("c"));
        Assert.Equal(("SHOW REPLICA STATUS", "SHOW BINARY LOG STATUS"), (statements.ShowStatus, statements.ShowCoordinates));
    }

    [Fact]
    public void TextIsQuoted()
    {
        var statements = new ReplicationStatements(ServerFlavor.MariaDb, new ServerVersion(10, 11, 19));
        Assert.Contains("MASTER_PASSWORD='it''s'", statements.Connect(Source with { Password = "it's" }), StringComparison.Ordinal);
        Assert.Throws<SandboxException>(() => statements.Connect(Source with { Password = "a\\" }));
        Assert.DoesNotContain("secret", (Source with { Password = "secret" }).ToString(), StringComparison.Ordinal);
    }
}
