using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Groups;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// A backup's way from one host to another. The taker listens on a port of the moment and asks the donor's node, through the group, to connect and to say a token that only the group has.
/// The stream itself is not encrypted, as replication is not.
/// </summary>
internal sealed class BackupExchange(Group group, ILogger logger) : IDisposable
{
    private const int TokenBytes = 32;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _ending = new();

    /// <exception cref="ServerActionException">Nobody sends, or it did not arrive whole.</exception>
    public async Task ReceiveAsync(ServerName donor, NodeServerOptions taker, ServerControl control, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        using var listener = new TcpListener(IPAddress.TryParse(taker.Host, out var address) ? address : IPAddress.Any, 0);
        listener.Start();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ConnectWithin);
            var question = new BackupQuestion(donor, taker.Host, ((IPEndPoint)listener.LocalEndpoint).Port, token);
            var accepting = AcceptAsync(listener, token, limit.Token);
            var answers = await group.QueryAsync<BackupQuestion, BackupAnswer>(question, Replies.All, ConnectWithin, limit.Token);
            if (answers.Values.FirstOrDefault() is not { Refusal: null })
                throw Failed(answers.Values.FirstOrDefault()?.Refusal ?? $"the node of {donor} does not answer");
            using var client = await accepting;
            await control.ReceiveBackupAsync(client.GetStream(), cancellationToken);
        }
        catch (Exception failure) when (failure is SocketException or IOException or GroupException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw Failed(failure is OperationCanceledException ? $"{donor} does not send" : failure.Message);
        }

        ServerActionException Failed(string why) => new(taker.Name, "receive a backup", ServerActionProblem.Failed, statement: null, why);
    }

    /// <summary>Begins to send.</summary>
    public void Send(BackupQuestion question, ServerControl donor) => _ = SendAsync(question, donor);

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private async Task SendAsync(BackupQuestion question, ServerControl donor)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(question.Host, question.Port, _ending.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(question.Token), _ending.Token);
            await donor.SendBackupAsync(stream, _ending.Token);
        }
        catch (Exception failure) when (failure is SocketException or IOException or ServerActionException or OperationCanceledException or ObjectDisposedException)
        {
            Log.ActionFailed(logger, donor.Name.ToString(), "send a backup", failure.Message);
        }
    }

    private static async Task<TcpClient> AcceptAsync(TcpListener listener, string token, CancellationToken cancellationToken)
    {
        var wanted = Encoding.ASCII.GetBytes(token);
        while (true)
        {
            var client = await listener.AcceptTcpClientAsync(cancellationToken);
            client.Client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var said = new byte[wanted.Length];
            try
            {
                await client.GetStream().ReadExactlyAsync(said, cancellationToken);
                if (CryptographicOperations.FixedTimeEquals(said, wanted))
                    return client;
            }
            catch (IOException)
            {
                // Somebody else.
            }

            client.Dispose();
        }
    }
}
