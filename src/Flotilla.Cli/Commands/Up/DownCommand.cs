using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Up;

/// <summary><c>flotilla down</c>: stops the cluster of <c>flotilla up</c>, and removes it when told to.</summary>
internal static class DownCommand
{
    public static CliCommand Create(IConsole console)
    {
        var folder = UpCommand.FolderOption();
        var delete = new Option<bool>("--delete") { Description = "Remove servers, data and configuration too, after asking." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Don't ask." };
        var json = OutputOptions.Json("Print an object with folder, whether something was stopped, and whether it was deleted.");
        var command = new CliCommand("down", "Stop the cluster of 'flotilla up'. Its data stay for the next 'up' unless --delete is given.")
        {
            Examples =
            [
                ("flotilla down", "stops nodes and servers; 'flotilla up' goes on with the same data"),
                ("flotilla down --delete --yes", "nothing is left, and nothing is asked"),
            ],
        };
        foreach (var option in (Option[])[delete, yes, folder, json])
            command.Options.Add(option);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var up = new UpFolder(parsed.GetValue(folder)!);
            var isDeleted = up.IsOurs && parsed.GetValue(delete);
            if (isDeleted && !parsed.GetValue(yes) && !Asked(console, up))
                return ExitCode.Refused;
            // Nobody makes or starts anything meanwhile.
            using var taken = up.IsOurs ? up.Lock() : null;
            var hasRun = await UpStop.RunAsync(console, up, cancellationToken);
            if (isDeleted)
                up.Delete();

            if (parsed.GetValue(json))
            {
                console.Output.WriteLine(JsonText.Object(writer =>
                {
                    writer.WriteString("folder", up.Path);
                    writer.WriteBoolean("stopped", hasRun);
                    writer.WriteBoolean("deleted", isDeleted);
                }));
                return ExitCode.Ok;
            }

            console.Error.WriteLine(isDeleted ? $"{(hasRun ? "Stopped, and removed" : "Removed")} {up.Path}."
                : hasRun ? $"Stopped. The data are in {up.Path}; 'flotilla up{up.Words}' goes on with them." : up.IsOurs ? $"Nothing is up in {up.Path}." : $"Nothing is up in {up.Path}, and 'flotilla up' made nothing there.");
            return ExitCode.Ok;
        });
    }

    private static bool Asked(IConsole console, UpFolder up)
    {
        if (!console.IsInputTerminal)
            throw new CliException(ExitCode.Usage, $"deleting {up.Path} with all data wants a yes", "Give --yes.");
        console.Error.Write($"Stop the cluster and delete {up.Path} with all data? [y/N] ");
        using var reader = new StreamReader(console.Input, leaveOpen: true);
        if (reader.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes")
            return true;
        console.Error.WriteLine("Nothing was stopped or deleted.");
        return false;
    }
}
