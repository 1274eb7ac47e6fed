using System.CommandLine;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands;

/// <summary><c>flotilla completion bash|zsh|fish</c>: prints what a shell needs to complete our words.</summary>
internal static class CompletionCommand
{
    public static CliCommand Create(IConsole console)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new CliCommand("completion", "Print a completion script for a shell.")
        {
            Examples =
            [
                ("source <(flotilla completion bash)", "completes in this shell; put the line in ~/.bashrc for all"),
                ("flotilla completion zsh > ~/.zfunc/_flotilla", "for zsh, with ~/.zfunc in fpath"),
                ("flotilla completion fish > ~/.config/fish/completions/flotilla.fish", "for fish"),
            ],
        };
        command.Arguments.Add(shell);
        return command.Runs(console, (parsed, _) =>
        {
            console.Output.Write(Script(parsed.GetValue(shell)!));
            return Task.FromResult(ExitCode.Ok);
        });
    }

    private static string Script(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => throw new ArgumentOutOfRangeException(nameof(shell)),
    };

    private const string Bash = """
        # flotilla completion for bash
        _flotilla() {
            local IFS=$'\n'
            local current="${COMP_WORDS[COMP_CWORD]}"
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$current"))
        }
        complete -o default -F _flotilla flotilla

        """;

    private const string Zsh = """
        #compdef flotilla
        # flotilla completion for zsh
        _flotilla() {
            local line="${words[*]}"
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- ${found:#}
            (( ${#found:#} )) || _files
        }
        if [ "$funcstack[1]" = "_flotilla" ]; then _flotilla "$@"; else compdef _flotilla flotilla; fi

        """;

    private const string Fish = """
        # flotilla completion for fish
        function __flotilla_complete
            set -l line (commandline -cp)
            set -l found (flotilla "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            if set -q found[1]
                string join \n -- $found
            else
                __fish_complete_path (commandline -ct)
            end
        end
        complete -c flotilla -f -a "(__flotilla_complete)"

        """;
}
