using System.Net.Sockets;
using System.Security.Cryptography;

namespace Flotilla.Cluster.Hosting;

/// <summary>The connection of one backup, after the greeting. See docs/protocols/backup-stream.md.</summary>
internal sealed class BackupLink : IAsyncDisposable
{
    /// <summary>Whoever connects says who it is at once.</summary>
    private static readonly TimeSpan GreetWithin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LifePeriod = TimeSpan.FromSeconds(5);

    /// <summary>Six signs of life: the donor, or its host, is gone.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    /// <summary>A disk that takes nothing for so long is taken for dead.</summary>
    private static readonly TimeSpan TakeWithin = TimeSpan.FromMinutes(2);

    /// <summary>A backup may wait for a lock behind a long query, but not for ever.</summary>
    private static readonly TimeSpan NothingMax = TimeSpan.FromMinutes(30);

    private static ReadOnlySpan<byte> Magic => "FLB1"u8;

    private readonly TcpClient _client;

    private BackupLink(TcpClient client, SealedReader? reader, SealedWriter? writer) => (_client, Reader, Writer) = (client, reader, writer);

    /// <summary>The taker's end.</summary>
    public SealedReader? Reader { get; }

    /// <summary>The donor's end.</summary>
    public SealedWriter? Writer { get; }

    /// <summary>The donor's side: connects, and proves to know the secret. Disposes the client when that fails.</summary>
    /// <exception cref="IOException">Nobody is there who greets.</exception>
    /// <exception cref="SocketException">Nobody is there.</exception>
    public static async Task<BackupLink> ConnectAsync(TcpClient client, BackupQuestion question, string secret, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SilenceMax);
        try
        {
            await client.ConnectAsync(question.Host, question.Port, limit.Token);
            var stream = client.GetStream();
            var greeting = new byte[Magic.Length + SealedRecords.NonceBytes];
            await stream.ReadExactlyAsync(greeting, limit.Token);
            if (!greeting.AsSpan().StartsWith(Magic))
                throw new IOException($"{question.Host}:{question.Port} is not the taker of a backup");
            var nonce = RandomNumberGenerator.GetBytes(SealedRecords.NonceBytes);
            await stream.WriteAsync(nonce, limit.Token);
            var writer = new SealedWriter(stream, new SealedRecords(secret, question.Token, greeting.AsSpan(Magic.Length), nonce), TakeWithin);
            // Empty, and the proof.
            await writer.FlushAsync(limit.Token);
            return new BackupLink(client, reader: null, writer);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The taker's side: greets, and waits for the proof; null for a stranger, whose connection is closed then.</summary>
    public static async Task<BackupLink?> TryAcceptAsync(TcpClient client, string token, string secret, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(GreetWithin);
        try
        {
            var stream = client.GetStream();
            var nonce = RandomNumberGenerator.GetBytes(SealedRecords.NonceBytes);
            await stream.WriteAsync((byte[])[.. Magic, .. nonce], limit.Token);
            var answer = new byte[SealedRecords.NonceBytes];
            await stream.ReadExactlyAsync(answer, limit.Token);
            var reader = new SealedReader(stream, new SealedRecords(secret, token, nonce, answer), SilenceMax);
            await reader.NextAsync(limit.Token);
            return new BackupLink(client, reader, writer: null);
        }
        catch (Exception stranger) when (stranger is IOException or SocketException or OperationCanceledException)
        {
            client.Dispose();
            return null;
        }
    }

    /// <summary>Shows the taker that the donor lives. Runs until it is cancelled.</summary>
    /// <exception cref="IOException">The taker takes nothing, or there was nothing to send for too long.</exception>
    public async Task LiveAsync(CancellationToken cancellationToken)
    {
        var (sent, since) = (0L, TimeProvider.System.GetTimestamp());
        while (true)
        {
            await Task.Delay(LifePeriod, cancellationToken);
            await Writer!.FlushAsync(cancellationToken);
            if (Writer.Sent != sent)
                (sent, since) = (Writer.Sent, TimeProvider.System.GetTimestamp());
            else if (TimeProvider.System.GetElapsedTime(since) > NothingMax)
                throw new IOException($"the donor's backup has gone on by nothing for {NothingMax.TotalMinutes:0} min");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Reader is not null)
            await Reader.DisposeAsync();
        if (Writer is not null)
            await Writer.DisposeAsync();
        _client.Dispose();
    }
}
