using System.CommandLine;
using System.Diagnostics;
using Flotilla.Cli.Hosting;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox use</c>: the command-line client on one server.</summary>
internal static class UseCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var place = root.Complete(new Argument<string>("name") { Description = "A sandbox, or a server of one: shop/node1. Default server: the first." });
        var arguments = new Argument<string[]>("argument") { Description = "Arguments of the client, behind --.", Arity = ArgumentArity.ZeroOrMore };
        var user = new Option<string>("--user", "-u")
        {
            Description = "root, msandbox (all rights but granting), rw or ro. Default msandbox.", DefaultValueFactory = _ => "msandbox",
        };
        var json = OutputOptions.Json("Print an object with host, port, socket, user and option file instead.");
        user.AcceptOnlyFromAmong("root", "msandbox", "rw", "ro");
        var command = new CliCommand("use", "Run the command-line client on a server; its exit code becomes ours.")
        {
            Examples =
            [
                ("flotilla sandbox use shop", "on its primary"),
                ("flotilla sandbox use shop/node2 -- -e 'SHOW PROCESSLIST'", "one statement on a replica"),
                ("flotilla sandbox use shop --json | jq -r .socket", "where a program of your own connects to"),
            ],
        };
        command.Arguments.Add(place);
        command.Arguments.Add(arguments);
        command.Options.Add(user);
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var (sandbox, node) = Find(root.Read(parsed), parsed.GetValue(place)!);
            var who = parsed.GetValue(user)!;
            if (!parsed.GetValue(json))
                return await RunAsync(Path.Combine(sandbox.FolderOf(node), who == "msandbox" ? "use" : $"use_{who}"), parsed.GetValue(arguments)!, cancellationToken);
            console.Output.WriteLine(Rendering.JsonText.Object(writer =>
            {
                writer.WriteString("host", sandbox.Record.Spec.Host);
                writer.WriteNumber("port", node.Port);
                writer.WriteString("socket", sandbox.SocketOf(node));
                writer.WriteString("user", who is "rw" or "ro" ? $"msandbox_{who}" : who);
                writer.WriteString("optionFile", Path.Combine(sandbox.FolderOf(node), who == "msandbox" ? "my.cnf" : $"my.{who}.cnf"));
            }));
            return ExitCode.Ok;
        });
    }

    private static (SandboxInstance, SandboxNode) Find(SandboxRoot root, string place)
    {
        var parts = place.Split('/', 2);
        var sandbox = root.Find(parts[0]) ?? throw new CliException(ExitCode.NotFound, $"there is no sandbox {parts[0]} in {root.Folder}");
        if (parts.Length == 1)
            return (sandbox, sandbox.Nodes[0]);
        var node = sandbox.Nodes.FirstOrDefault(one => one.Name == parts[1]) ?? throw new CliException(
            ExitCode.NotFound, $"sandbox {parts[0]} has no server {parts[1]}, only {string.Join(", ", sandbox.Nodes.Select(one => one.Name))}");
        return (sandbox, node);
    }

    private static async Task<ExitCode> RunAsync(string script, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(script, arguments) { UseShellExecute = false })!;
        // Control-C is for the client, which lives on; a signal to us alone ends both.
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
                process.Kill();
            throw;
        }

        return (ExitCode)process.ExitCode;
    }
}
