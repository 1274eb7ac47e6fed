using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Groups;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// A backup's way from one host to another. The taker listens on a port of the moment and asks the donor's node, through the group, to connect; what comes is sealed with the cluster's secret.
/// See docs/protocols/backup-stream.md.
/// </summary>
internal sealed class BackupExchange(Group group, string secret, ILogger logger) : IDisposable
{
    private const int TokenBytes = 32;

    /// <summary>Strangers that say nothing must not keep the donor away.</summary>
    private const int GreetingsMax = 16;

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
            await using var link = await accepting;
            await control.ReceiveBackupAsync(link.Reader!, cancellationToken);
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
            var client = new TcpClient();
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            await using var link = await BackupLink.ConnectAsync(client, question, secret, stopping.Token);
            var (sending, living) = (donor.SendBackupAsync(link.Writer!, stopping.Token), link.LiveAsync(stopping.Token));
            var first = await Task.WhenAny(sending, living);
            await stopping.CancelAsync();
            await Task.WhenAll(sending, living).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }
        catch (Exception failure) when (failure is SocketException or IOException or ServerActionException or OperationCanceledException or ObjectDisposedException)
        {
            Log.ActionFailed(logger, donor.Name.ToString(), "send a backup", failure.Message);
        }
    }

    /// <summary>The first that proves to know the secret.</summary>
    private async Task<BackupLink> AcceptAsync(TcpListener listener, string token, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<BackupLink?>> greetings = [];
        try
        {
            var accepting = listener.AcceptTcpClientAsync(done.Token).AsTask();
            while (true)
            {
                await Task.WhenAny([accepting, .. greetings]);
                foreach (var greeted in greetings.Where(greeting => greeting.IsCompleted).ToList())
                {
                    greetings.Remove(greeted);
                    if (await greeted is { } link)
                        return link;
                }

                if (!accepting.IsCompleted)
                    continue;
                var client = await accepting;
                if (greetings.Count < GreetingsMax)
                    greetings.Add(BackupLink.TryAcceptAsync(client, token, secret, done.Token));
                else
                    client.Dispose();
                accepting = listener.AcceptTcpClientAsync(done.Token).AsTask();
            }
        }
        finally
        {
            await done.CancelAsync();
        }
    }
}
