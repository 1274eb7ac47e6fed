using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Flotilla.Cli.Commands;

/// <summary>The usual help, followed by the command's examples.</summary>
internal sealed class ExamplesHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        // Who asks the program as a whole wants to see what it is mostly used for.
        var examples = (command as CliCommand ?? command.Subcommands.OfType<CliCommand>().First()).Examples;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var (line, meaning) in examples)
        {
            output.WriteLine($"  {line}");
            output.WriteLine($"      {meaning}");
        }

        output.WriteLine();
        return 0;
    }
}
