using System.Net;
using System.Net.Sockets;
using System.Text;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.Cluster.Servers;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Backups between hosts: who may send and read them, and what a change on the way does.</summary>
public sealed class BackupLinkTests
{
    private const string Secret = "what all nodes know";
    private const string Token = "f00d";
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);
    private static readonly byte[] Taker = [.. Enumerable.Range(0, 32).Select(one => (byte)one)];
    private static readonly byte[] Donor = [.. Enumerable.Range(32, 32).Select(one => (byte)one)];

    /// <summary>As docs/protocols/backup-stream.md has it; made with another library.</summary>
    [Fact]
    public void RecordsAreAsTheProtocolHasThem()
    {
        using var records = new SealedRecords(Secret, Token, Taker, Donor);
        Assert.Equal("0000000013f782fd4fc138a2c6278fc266c7f1de", Seal(records, ""));
        Assert.Equal("000000036235c9525d76ba258e884e21611c93b67183b0", Seal(records, "abc"));
    }

    [Fact]
    public async Task WhatIsSentArrives()
    {
        var bytes = new byte[(3 * SealedRecords.ContentBytesMax) + 17];
        new Random(5).NextBytes(bytes);
        using var wire = new MemoryStream();
        await using (var writer = new SealedWriter(wire, new SealedRecords(Secret, Token, Taker, Donor), Within))
        {
            await writer.WriteAsync(bytes.AsMemory(0, 5));
            await writer.FlushAsync();
            await writer.FlushAsync();
            await writer.WriteAsync(bytes.AsMemory(5));
            await writer.FlushAsync();
        }

        wire.Position = 0;
        await using var reader = new SealedReader(wire, new SealedRecords(Secret, Token, Taker, Donor), Within);
        var arrived = new byte[bytes.Length];
        await reader.ReadExactlyAsync(arrived);
        Assert.Equal(bytes, arrived);
        // That it is whole is said inside: the end of the connection says nothing.
        await Assert.ThrowsAnyAsync<IOException>(() => reader.ReadAsync(arrived).AsTask());
        Assert.DoesNotContain("abcdefgh", Encoding.Latin1.GetString(wire.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("another secret", Token, 0)]
    [InlineData(Secret, "beef", 0)]
    [InlineData(Secret, Token, 1)]
    public void NobodyElseCanReadIt(string secret, string token, byte change)
    {
        using var records = new SealedRecords(Secret, Token, Taker, Donor);
        using var other = new SealedRecords(secret, token, Taker, [.. Donor.Select(one => (byte)(one ^ change))]);
        var record = Convert.FromHexString(Seal(records, "abc"));
        Assert.Throws<IOException>(() => other.Open(record, new byte[3]));
    }

    [Fact]
    public void AChangedRecordIsFound()
    {
        using var sealing = new SealedRecords(Secret, Token, Taker, Donor);
        var record = Convert.FromHexString(Seal(sealing, "abc"));
        for (var at = SealedRecords.HeaderBytes; at < record.Length; at++)
        {
            using var opening = new SealedRecords(Secret, Token, Taker, Donor);
            record[at] ^= 1;
            Assert.Throws<IOException>(() => opening.Open(record, new byte[3]));
            record[at] ^= 1;
        }
    }

    [Fact]
    public void RecordsCannotBeSwappedLeftOutOrSentAgain()
    {
        using var sealing = new SealedRecords(Secret, Token, Taker, Donor);
        byte[][] records = [.. ((string[])["abc", "def"]).Select(text => Convert.FromHexString(Seal(sealing, text)))];
        foreach (var order in (int[][])[[1, 0], [0, 0]])
        {
            using var opening = new SealedRecords(Secret, Token, Taker, Donor);
            Assert.Throws<IOException>(() =>
            {
                foreach (var index in order)
                    opening.Open(records[index], new byte[3]);
            });
        }
    }

    [Fact]
    public async Task APieceOfABackupGoesFromHostToHost()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var question = new BackupQuestion(new ServerName("db-a"), "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, Token);
        var connecting = BackupLink.ConnectAsync(new TcpClient(), question, Secret, CancellationToken.None);
        await using var taker = await BackupLink.TryAcceptAsync(await listener.AcceptTcpClientAsync(), Token, Secret, CancellationToken.None);
        await using var donor = await connecting;
        await BackupFrames.WritePieceAsync(donor.Writer!, "a piece"u8.ToArray(), CancellationToken.None);
        await BackupFrames.WriteEndAsync(donor.Writer!, reason: null, CancellationToken.None);
        using var text = new StreamReader(new BackupReader(taker!.Reader!));
        Assert.Equal("a piece", await text.ReadToEndAsync());
    }

    [Theory]
    [InlineData("another secret")]
    [InlineData(null)]
    public async Task AStrangerIsTurnedAway(string? secret)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = new TcpClient();
        Task<BackupLink>? connecting = null;
        if (secret is null)
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(new byte[100]);
        }
        else
        {
            connecting = BackupLink.ConnectAsync(client, new BackupQuestion(new ServerName("db-a"), "127.0.0.1", port, Token), secret, CancellationToken.None);
        }

        Assert.Null(await BackupLink.TryAcceptAsync(await listener.AcceptTcpClientAsync(), Token, Secret, CancellationToken.None));
        if (connecting is not null)
            await (await connecting).DisposeAsync();
    }

    private static string Seal(SealedRecords records, string text)
    {
        var record = new byte[100];
        return Convert.ToHexStringLower(record.AsSpan(0, records.Seal(Encoding.UTF8.GetBytes(text), record)));
    }
}
