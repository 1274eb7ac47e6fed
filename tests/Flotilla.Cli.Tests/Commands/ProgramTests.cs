using System.Runtime.InteropServices;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Commands;

/// <summary>What only a process of its own can show.</summary>
public sealed class ProgramTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private const int Int = 2;

    [Fact]
    public async Task ExitCodesReachTheShell()
    {
        Assert.Equal((int)ExitCode.Usage, (await Run.ProgramAsync(Run.FlotillaPath, ["jobs", "stat"])).Code);
        Assert.Equal((int)ExitCode.NoServer, (await Run.ProgramAsync(Run.FlotillaPath, ["jobs", "status", "-s", $"127.0.0.1:{FreePort.Next()}"])).Code);
        Assert.Equal(0, (await Run.ProgramAsync(Run.FlotillaPath, ["--version"])).Code);
    }

    [Fact]
    public async Task AnInterruptedWaitSaysSoByItsExitCode()
    {
        using var process = Run.Start(Run.FlotillaPath, ["jobs", "submit", "nobody", "x", "-s", server.Address]);
        await Deadline.UntilAsync(
            async () => (await server.RunAsync("jobs", "status", "nobody", "--json")).Output.Contains("\"queued\":1", StringComparison.Ordinal), "the job waits");
        Assert.Equal(0, kill(process.Id, Int));
        await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        Assert.Equal((int)ExitCode.Interrupted, process.ExitCode);
    }

    [Fact]
    public async Task CompletionWorksInBash()
    {
        const string script = """
            source <("$FLOTILLA" completion bash)
            complete_line() {
                COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}
                read -ra COMP_WORDS <<< "$1"; [[ "$1" == *" " ]] && COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
                COMP_WORDS[0]="$FLOTILLA"; COMP_LINE="$FLOTILLA${COMP_LINE#flotilla}"; COMP_POINT=${#COMP_LINE}
                _flotilla; echo "${COMPREPLY[@]}"
            }
            complete -p flotilla
            complete_line "flotilla jo"
            complete_line "flotilla jobs s"
            complete_line "flotilla jobs submit f --prio"
            complete_line "flotilla jobs submit f --priority h"
            """;
        var result = await Run.ProgramAsync("/bin/bash", ["-c", script], new Dictionary<string, string> { ["FLOTILLA"] = Run.FlotillaPath, ["PATH"] = "/usr/bin:/bin" });
        Assert.Equal(
            ["complete -o default -F _flotilla flotilla", "jobs", "schedule serve show status submit", "--priority", "high"],
            result.Must().TrimEnd().Split('\n').Select(line => string.Join(' ', line.Split(' ').Distinct())));
    }

    /// <summary>Only compadd is ours: it would put words on a line that somebody edits.</summary>
    [Fact]
    public async Task CompletionWorksInZsh()
    {
        const string script = """
            module_path=($SHELLS/usr/lib/*-linux-gnu/zsh/*(/))
            autoload -U compinit
            compinit -D -u
            source <("$FLOTILLA" completion zsh)
            compadd() { shift; print -r -- ${(o)${(M)@:#${PREFIX}*}} }
            complete_line() { words=("${(@s: :)1}"); PREFIX=$words[-1]; words[1]=$FLOTILLA; $_comps[flotilla] }
            complete_line "flotilla jo"
            complete_line "flotilla jobs s"
            complete_line "flotilla jobs submit f --prio"
            complete_line "flotilla jobs submit f --priority h"
            """;
        Assert.Equal(
            ["jobs", "schedule serve show status submit", "--priority", "high"],
            (await InShellAsync("zsh", script)).TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task CompletionWorksInFish()
    {
        const string script = """
            $FLOTILLA completion fish | source
            for line in "flotilla jo" "flotilla jobs s" "flotilla jobs submit f --prio" "flotilla jobs submit f --priority h"
                echo (complete -C $line)
            end
            """;
        Assert.Equal(
            ["jobs", "schedule serve show status submit", "--priority", "high"],
            (await InShellAsync("fish", script)).TrimEnd().Split('\n'));
    }

    private static async Task<string> InShellAsync(string shell, string script)
    {
        using var home = new TempFolder();
        var result = await Run.ProgramAsync(CPeer.Program(shell), ["-c", script], new Dictionary<string, string>
        {
            ["FLOTILLA"] = Run.FlotillaPath,
            ["HOME"] = home.Path,
            ["PATH"] = $"{Path.GetDirectoryName(Run.FlotillaPath)}:/usr/bin:/bin",
            ["SHELLS"] = Repository.Combine(".tools", "peers", "shells"),
        });
        return result.Must();
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);

    [Fact]
    public async Task AGuardIsPartOfTheProgramAndSaysWhenItIsReady()
    {
        using var folder = new TempFolder();
        var run = await Run.ProgramAsync(Run.FlotillaPath, ["guard", "--folder", folder.Path, "--idle", "50", "--", "/bin/true"]);

        Assert.Equal((0, "ready\n", ""), (run.Code, run.Output, run.Errors));
        Assert.Equal(2, (await Run.ProgramAsync(Run.FlotillaPath, ["guard"])).Code);
    }
}
