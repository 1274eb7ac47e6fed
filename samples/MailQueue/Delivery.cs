using System.Security.Cryptography;
using System.Text;
using Flotilla.Gearman;

namespace Flotilla.Samples.MailQueue;

/// <summary>Delivers one message: here into a spool folder, where a mail server would take over.</summary>
internal sealed class Delivery(string spool)
{
    public const string Function = "mail-deliver";

    public static string IdOf(string campaign, string recipient)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{campaign}\n{recipient}")))[..32];

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(GearmanJobContext job, CancellationToken cancellationToken)
    {
        var lines = job.Text.Split('\n');
        var (campaign, recipient) = (lines[0], lines[1]);
        var id = IdOf(campaign, recipient);
        var message = $"Message-ID: <{id}@flotilla.example>\nTo: {recipient}\nSubject: {campaign}\n\nHello {recipient.Split('@')[0]}!\n";

        // A job may be begun twice (its worker died): the same name and a rename make the second time harmless.
        var unfinished = Path.Combine(spool, $".{id}.{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(unfinished, message, cancellationToken);
        File.Move(unfinished, Path.Combine(spool, $"{id}.eml"), overwrite: true);
        return default;
    }
}
