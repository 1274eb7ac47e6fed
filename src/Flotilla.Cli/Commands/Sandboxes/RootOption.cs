using System.CommandLine;
using System.CommandLine.Completions;
using Flotilla.Cli.Hosting;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary>Where the sandboxes are, the same for all commands about them.</summary>
internal sealed class RootOption(IConsole console)
{
    private const string Variable = "FLOTILLA_SANDBOXES";

    private readonly Option<string?> _root = new("--root")
    {
        Description = $"Folder of all sandboxes. Default: ${Variable}, else ~/sandboxes.",
        HelpName = "folder",
    };

    public void AddTo(Command command) => command.Options.Add(_root);

    public SandboxRoot Read(ParseResult parsed)
        => new(parsed.GetValue(_root) ?? (console.Variable(Variable) is { Length: > 0 } given ? given : SandboxRoot.DefaultFolder), console.Clock);

    /// <summary>Names of sandboxes, completed by those that are there.</summary>
    public T Complete<T>(T argument)
        where T : Argument
    {
        argument.CompletionSources.Add(context => Names(Read(context.ParseResult)).Select(name => new CompletionItem(name)));
        return argument;
    }

    private static IEnumerable<string> Names(SandboxRoot root)
    {
        try
        {
            return [.. root.List().Select(one => one.Name)];
        }
        catch (SandboxException)
        {
            // Who completes a word wants no lecture about a spoilt journal.
            return [];
        }
    }
}
