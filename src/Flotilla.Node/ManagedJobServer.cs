using System.Globalization;
using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.Node.Management;

namespace Flotilla.Node;

/// <summary>Management's way to a server in the same process: text commands and packets of a trusted connection without a socket.</summary>
internal sealed class ManagedJobServer(JobServerHost server, StoreWatch store, Func<TimeSpan> uptime) : IManagedJobServer
{
    /// <summary>A loop that does not answer within this is stuck.</summary>
    private static readonly TimeSpan LoopPatience = TimeSpan.FromSeconds(2);

    public string Version => ProductVersion.Text;

    public string HandlePrefix => server.HandlePrefix;

    public async Task<HealthReport> CheckHealthAsync(CancellationToken cancellationToken)
        => new(
            store.Failure ?? HealthReport.Ok,
            await CheckLoopAsync(cancellationToken),
            server.Completion.IsCompleted ? "closed" : HealthReport.Ok,
            uptime());

    public async Task<string> LineAsync(string command, CancellationToken cancellationToken)
    {
        var answer = (await AskAsync(command, cancellationToken)).TrimEnd('\r', '\n');
        return answer.StartsWith("ERR ", StringComparison.Ordinal) ? throw Refusal(answer) : answer;
    }

    public async Task<IReadOnlyList<string>> ListAsync(string command, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(command, cancellationToken);
        if (answer.StartsWith("ERR ", StringComparison.Ordinal))
            throw Refusal(answer);
        var lines = answer.Split('\n');
        return lines.Length >= 2 && lines[^2] == "." ? lines[..^2] : throw Unavailable(null);
    }

    public async Task<string> SubmitAsync(JobSubmission submission, CancellationToken cancellationToken)
    {
        var (type, body) = SubmissionPacket.Of(submission);
        byte[] answer;
        try
        {
            answer = await server.ExecutePacketAsync(type, body, cancellationToken);
        }
        catch (Exception gone) when (gone is InvalidOperationException)
        {
            throw Unavailable(gone);
        }

        if (!PacketHeader.TryRead(answer, out var header))
            throw Unavailable(null);
        var text = Encoding.UTF8.GetString(answer.AsSpan(PacketHeader.SizeBytes, (int)header.BodyLengthBytes));
        if (header.Type == PacketType.JobCreated)
            return text;
        var parts = text.Split('\0', 2);
        throw new AdminRefusedException(parts[0], parts.Length > 1 ? parts[1] : "");
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        try
        {
            return await server.ExecuteAdminAsync(command, cancellationToken);
        }
        catch (Exception gone) when (gone is InvalidOperationException)
        {
            throw Unavailable(gone);
        }
    }

    private async Task<string> CheckLoopAsync(CancellationToken cancellationToken)
    {
        if (server.Completion.IsFaulted)
            return server.Completion.Exception!.GetBaseException().Message;
        try
        {
            await server.ExecuteAdminAsync("version", cancellationToken).WaitAsync(LoopPatience, cancellationToken);
            return HealthReport.Ok;
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidOperationException)
        {
            return failure is TimeoutException ? "does not answer" : "stopped";
        }
    }

    /// <summary><c>ERR CODE words+joined+by+plus</c>.</summary>
    private static AdminRefusedException Refusal(string answer)
    {
        var parts = answer.TrimEnd('\r', '\n').Split(' ', 3);
        return new AdminRefusedException(parts[1], parts.Length > 2 ? parts[2].Replace('+', ' ') : "");
    }

    private static AdminRefusedException Unavailable(Exception? inner) => new("UNAVAILABLE", "the job server is stopping", inner);

    /// <summary>The packet that submits a job in the background.</summary>
    private static class SubmissionPacket
    {
        public static (PacketType Type, byte[] Body) Of(JobSubmission submission)
        {
            if (submission.Function.Contains('\0') || submission.Unique.Contains('\0'))
                throw new BadRequestException("a zero byte in a name");
            if (submission.Due is not null && submission.Schedule is not null)
                throw new BadRequestException("delayMs and schedule exclude each other");
            if (submission is { Due: null, Schedule: null })
                return (TypeOf(submission.Priority), Join(submission, []));
            if (submission.Priority != JobPriority.Normal)
                throw new BadRequestException("delayed and recurring jobs have normal priority");
            if (submission.Due is { } due)
                return (PacketType.SubmitJobEpoch, Join(submission, [Epoch(due)]));
            var fields = submission.Schedule!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length == 5
                ? (PacketType.SubmitJobSched, Join(submission, fields))
                : throw new BadRequestException("a schedule has five fields: minute, hour, day of month, month, day of week");
        }

        private static PacketType TypeOf(JobPriority priority) => priority switch
        {
            JobPriority.High => PacketType.SubmitJobHighBg,
            JobPriority.Normal => PacketType.SubmitJobBg,
            JobPriority.Low => PacketType.SubmitJobLowBg,
            _ => throw new ArgumentOutOfRangeException(nameof(priority)),
        };

        private static string Epoch(DateTimeOffset due)
            => (due.ToUnixTimeMilliseconds() / 1000m).ToString("0.000", CultureInfo.InvariantCulture);

        private static byte[] Join(JobSubmission submission, IEnumerable<string> fields)
        {
            string[] names = [submission.Function, submission.Unique, .. fields];
            return [.. Encoding.UTF8.GetBytes(string.Concat(names.Select(name => name + '\0'))), .. submission.Workload.Span];
        }
    }
}
