using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Flotilla.Cli.Commands.Cluster;
using Flotilla.Cli.Commands.Deployments;
using Flotilla.Cli.Commands.Groups;
using Flotilla.Cli.Commands.Jobs;
using Flotilla.Cli.Commands.Nodes;
using Flotilla.Cli.Commands.Sandboxes;
using Flotilla.Cli.Commands.Up;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands;

/// <summary>The whole <c>flotilla</c> command line.</summary>
internal static class FlotillaCommand
{
    public static RootCommand Create(IConsole console)
    {
        var root = new RootCommand("Flotilla: keeps MariaDB and MySQL servers replicated, available and busy.")
        {
            JobsCommand.Create(console),
            SandboxCommand.Create(console),
            DeployCommand.Create(console),
            WorkerCommand.Create(console),
            GroupCommand.Create(console),
            UpCommand.Create(console),
            DownCommand.Create(console),
            ClusterCommand.Create(console),
            NodeCommand.Create(console),
            CompletionCommand.Create(console),
            GearmandCommand.Create(console),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>A word that begins with an at sign is a word, not the name of a file with more of them: workloads look like that.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments, IConsole console)
        => Create(console).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, IConsole console, CancellationToken cancellationToken = default)
    {
        var parsed = Parse(arguments, console);
        var isWrong = parsed.Action is null or System.CommandLine.Invocation.ParseErrorAction;
        if ((isWrong || parsed.Errors.Count == 0) && MistypedOption(parsed) is { } mistyped)
            return (int)RefuseOption(parsed, mistyped, console);
        if (isWrong)
            return (int)Refuse(parsed, console);
        var configuration = new InvocationConfiguration
        {
            Output = console.Output,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await parsed.InvokeAsync(configuration, cancellationToken);
    }

    private static ExitCode Refuse(ParseResult parsed, IConsole console)
    {
        var path = PathOf(parsed.CommandResult);
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0)
        {
            var names = string.Join(", ", command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name));
            ErrorText.Write(console, $"'{path}' needs one of: {names}", $"See '{path} --help'.");
            return ExitCode.Usage;
        }

        // A word that is no command also makes the parser miss one: that goes without saying.
        var unknown = parsed.UnmatchedTokens.FirstOrDefault();
        var errors = parsed.Errors.Where(error => unknown is null || error.Message.Contains(unknown, StringComparison.Ordinal)).ToList();
        foreach (var error in (errors.Count > 0 ? errors : parsed.Errors).Select(error => OneLine(error.Message)).Distinct(StringComparer.Ordinal))
            ErrorText.Write(console, error);
        console.Error.WriteLine(Suggestion(parsed) is { } nearest ? $"  Did you mean '{nearest}'? See '{path} --help'." : $"  See '{path} --help'.");
        return ExitCode.Usage;
    }

    /// <summary>The parser writes lists with a line per entry: <c>Must be one of:</c>, then the words.</summary>
    private static string OneLine(string message)
        => string.Join(", ", message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Replace(":, ", ": ", StringComparison.Ordinal);

    /// <summary>The parser takes an option that it does not know as a value of an argument; nobody means that.</summary>
    private static string? MistypedOption(ParseResult parsed)
    {
        var end = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).ToList();
        return parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Where(token => token.Value is ['-', _, ..] && end.Any(one => ReferenceEquals(one, token)))
            .Select(token => token.Value)
            .FirstOrDefault();
    }

    private static ExitCode RefuseOption(ParseResult parsed, string word, IConsole console)
    {
        var nearest = Nearest(word, parsed.CommandResult.Command);
        ErrorText.Write(
            console,
            $"Unrecognized option '{word}'.",
            (nearest is null ? "" : $"Did you mean '{nearest}'? ") + $"See '{PathOf(parsed.CommandResult)} --help'. A value that begins with a dash stands behind --.");
        return ExitCode.Usage;
    }

    private static string PathOf(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult { Command: var command }; at = at.Parent)
            names.Add(command is RootCommand ? "flotilla" : command.Name);
        names.Reverse();
        return string.Join(' ', names);
    }

    private static string? Suggestion(ParseResult parsed)
        => parsed.UnmatchedTokens.Count == 0 ? null : Nearest(parsed.UnmatchedTokens[0], parsed.CommandResult.Command);

    /// <summary>The option or command that a word looks most like.</summary>
    private static string? Nearest(string word, Command command)
        => command.Options.Select(option => option.Name).Concat(command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name))
            .Select(name => (Name: name, Distance: WordDistance.Between(word, name)))
            .Where(one => one.Distance <= Math.Max(1, one.Name.Length / 3))
            .OrderBy(one => one.Distance)
            .Select(one => one.Name)
            .FirstOrDefault();
}
