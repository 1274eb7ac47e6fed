using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox install-server</c>: fetches a server to make sandboxes of.</summary>
internal static class InstallServerCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var json = OutputOptions.Json("Print an object with version and program.");
        var command = new CliCommand("install-server", "Fetch MariaDB's packages of Debian or Ubuntu and unpack them below the root folder; nothing is installed or started.")
        {
            Examples = [("flotilla sandbox install-server", "needs no root; 'sandbox create' finds it from then on")],
        };
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            ServerInstallation server;
            await using (var report = new StepReport(console, parsed.GetValue(json)))
                server = await new ServerPackages().InstallAsync(root.Read(parsed).ServerFolder, ServerFinder.Create(), report, cancellationToken);
            console.Output.WriteLine(!parsed.GetValue(json) ? server.ToString() : JsonText.Object(writer =>
            {
                writer.WriteString("version", server.VersionText);
                writer.WriteString("program", server.Server);
            }));
            return ExitCode.Ok;
        });
    }
}
