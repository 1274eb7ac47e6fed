using System.CommandLine;
using System.CommandLine.Help;
using Flotilla.Cli.Commands;
using Flotilla.Cli.Tests.Support;

namespace Flotilla.Cli.Tests.Docs;

/// <summary>All commands with their paths.</summary>
internal static class CommandTree
{
    public static IReadOnlyList<(string Path, Command Command)> All { get; } = [.. Walk("flotilla", FlotillaCommand.Create(new TestConsole()))];

    /// <summary>Options of a command that are its own: no help, no version.</summary>
    public static IEnumerable<Option> OptionsOf(Command command)
        => command.Options.Where(option => !option.Hidden && option is not (HelpOption or VersionOption));

    private static IEnumerable<(string, Command)> Walk(string path, Command command)
    {
        yield return (path, command);
        foreach (var child in command.Subcommands)
        {
            foreach (var deeper in Walk($"{path} {child.Name}", child))
                yield return deeper;
        }
    }
}
