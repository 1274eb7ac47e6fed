using System.CommandLine;
using System.Globalization;
using System.Text;
using Flotilla.Cli.Commands;

namespace Flotilla.Cli.Tests.Docs;

/// <summary>docs/reference/cli.md as the commands themselves would have it.</summary>
internal static class ReferencePage
{
    private static readonly HashSet<string> Access =
    [
        "--server", "--secret", "--secret-file", "--tls", "--tls-ca", "--tls-certificate", "--tls-key", "--tls-server-name", "--tls-insecure",
        "--connect-timeout",
    ];

    public static string Create()
    {
        var page = new StringBuilder();
        page.Append("# The command line\n\n");
        page.Append("Every command has `--help` with examples. What it prints goes to standard output, everything about it (errors, notes, progress) to\n");
        page.Append("standard error; colours appear on a terminal only, and not when `NO_COLOR` is set. [Exit codes](exit-codes.md) tell what happened.\n");
        page.Append("[The guide](../guides/jobs-cli.md) shows the commands at work. This page is held against the program by a test.\n\n");
        page.Append("## Reaching job servers\n\nCommands marked with *(servers)* take these too; `deploy` and `worker host` also by the name\n`--job-servers` for `--server`.\n\n");
        AppendOptions(page, CommandTree.OptionsOf(Find("flotilla jobs status")).Where(option => Access.Contains(option.Name)));
        foreach (var (path, command) in CommandTree.All)
        {
            if (command is CliCommand { Subcommands.Count: 0 })
                AppendCommand(page, path, command);
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static Command Find(string path) => CommandTree.All.Single(one => one.Path == path).Command;

    private static void AppendCommand(StringBuilder page, string path, Command command)
    {
        var speaksToServers = command.Options.Any(option => option.Name == "--server");
        var arguments = string.Concat(command.Arguments.Select(argument => " " + Usage(argument)));
        page.Append(CultureInfo.InvariantCulture, $"## {path}\n\n{command.Description}{(speaksToServers ? " *(servers)*" : "")}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"`{path}{arguments} [options]`\n\n");
        if (command.Arguments.Count > 0)
        {
            page.Append("| argument | |\n|---|---|\n");
            foreach (var argument in command.Arguments)
                page.Append(CultureInfo.InvariantCulture, $"| `{argument.Name}` | {Cell(argument.Description)} |\n");
            page.Append('\n');
        }

        AppendOptions(page, CommandTree.OptionsOf(command).Where(option => !speaksToServers || !Access.Contains(option.Name)));
        page.Append("```sh\n");
        foreach (var (line, meaning) in ((CliCommand)command).Examples)
            page.Append(CultureInfo.InvariantCulture, $"{line}   # {meaning}\n");
        page.Append("```\n\n");
    }

    private static void AppendOptions(StringBuilder page, IEnumerable<Option> options)
    {
        if (!options.Any())
            return;
        page.Append("| option | |\n|---|---|\n");
        foreach (var option in options)
        {
            var names = string.Join(", ", ((string[])[.. option.Aliases, option.Name]).Select(name => $"`{name}`"));
            var value = option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? "" : $" {option.HelpName ?? "value"}";
            page.Append(CultureInfo.InvariantCulture, $"| {names}{value} | {Cell(option.Description)}{Default(option)} |\n");
        }

        page.Append('\n');
    }

    /// <summary>What the help adds to a description by itself.</summary>
    private static string Default(Option option)
        => option.HasDefaultValue && option.ValueType != typeof(bool) && !option.ValueType.IsArray && option.Description?.Contains("Default ", StringComparison.Ordinal) != true
            ? string.Create(CultureInfo.InvariantCulture, $" Default {option.GetDefaultValue()}.")
            : "";

    private static string Usage(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : $"<{name}>";
    }

    private static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
