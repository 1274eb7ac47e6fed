using System.Text;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs submit</c>: gives work to workers and prints what comes back.</summary>
internal static class SubmitCommand
{
    public static CliCommand Create(IConsole console)
    {
        var options = new SubmitOptions(console);
        var command = new CliCommand("submit", "Submit a job: its result goes to standard output, warnings and progress to standard error.")
        {
            Examples =
            [
                ("flotilla jobs submit reverse Hello", "waits for the result and prints it"),
                ("flotilla jobs submit resize < photo.jpg > small.jpg", "payload from standard input, result to a file"),
                ("flotilla jobs submit mail --background --priority low --unique news-42 -f news.json", "prints the handle once the job is safe"),
                ("flotilla jobs submit cleanup --delay 90s", "in a minute and a half; --at 18:30 at a time"),
                ("flotilla jobs submit check --lines --parallel 20 < hosts.txt", "one job per line, results in the order of the lines"),
            ],
        };
        options.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var access = options.ReadAccess(parsed);
            var settings = options.Read(parsed);
            await using var client = access.CreateClient();
            if (settings.IsPerLine)
                return await new LineSubmission(console, client, settings).RunAsync(OpenInput(settings, console), cancellationToken);
            var payload = await ReadPayloadAsync(settings, console, cancellationToken);
            return await new JobSubmission(console, client, settings).RunAsync(payload, cancellationToken);
        });
    }

    private static async Task<ReadOnlyMemory<byte>> ReadPayloadAsync(SubmitSettings settings, IConsole console, CancellationToken cancellationToken)
    {
        if (settings.Payload is { } text)
            return Encoding.UTF8.GetBytes(text);
        // At a terminal nobody expects to be waited for: such a job has no payload.
        if (settings.File is null && console.IsInputTerminal)
            return default;
        await using var input = OpenInput(settings, console);
        using var whole = new MemoryStream();
        await input.CopyToAsync(whole, cancellationToken);
        return whole.ToArray();
    }

    private static Stream OpenInput(SubmitSettings settings, IConsole console)
    {
        if (settings.File is null or "-")
            return console.Input;
        try
        {
            return File.OpenRead(settings.File);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"the payload's file can't be read: {failure.Message}");
        }
    }
}
