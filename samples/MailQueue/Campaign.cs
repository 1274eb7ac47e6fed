using System.Text;
using Flotilla.Gearman;

namespace Flotilla.Samples.MailQueue;

/// <summary>
/// Turns a campaign (its name, then one recipient per line) into a background job per recipient, in batches, and tells how far it is.
/// </summary>
internal sealed class Campaign(GearmanClient client)
{
    public const string Function = "mail-campaign";

    private const int BatchSize = 100;

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(GearmanJobContext job, CancellationToken cancellationToken)
    {
        var lines = job.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var (campaign, recipients) = (lines[0], lines[1..]);
        var queued = 0;
        foreach (var batch in recipients.Chunk(BatchSize))
        {
            var good = new List<string>();
            foreach (var recipient in batch)
            {
                if (recipient.Contains('@'))
                    good.Add(recipient);
                else
                    await job.SendWarningAsync(Encoding.UTF8.GetBytes(recipient), cancellationToken);
            }

            // Answered when the server has them safe: a crash from here on loses no message of this batch.
            await Task.WhenAll(good.Select(recipient => client.SubmitBackgroundAsync(Message(campaign, recipient), cancellationToken)));
            queued += batch.Length;
            await job.SendProgressAsync(queued, recipients.Length, cancellationToken);
        }

        return Encoding.UTF8.GetBytes($"{campaign}: queued");
    }

    /// <summary>The unique key makes one message of it when the campaign is begun twice while it waits.</summary>
    private static JobRequest Message(string campaign, string recipient)
        => new(Delivery.Function, Encoding.UTF8.GetBytes($"{campaign}\n{recipient}"))
        {
            Unique = Delivery.IdOf(campaign, recipient),
            Priority = JobPriority.Low,
        };
}
