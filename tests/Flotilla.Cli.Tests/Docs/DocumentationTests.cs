using Flotilla.Cli.Commands;
using Flotilla.Cli.Gearmand;
using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Docs;

/// <summary>Help, reference and guides say what the program does.</summary>
public sealed class DocumentationTests
{
    public static TheoryData<string> Guides =>
    [
        "README.md", "docs/guides/jobs-cli.md", "docs/guides/replacing-gearmand.md", "docs/guides/sandbox.md", "docs/guides/deploy.md", "docs/guides/groups.md", "docs/guides/cluster.md",
        "docs/reference/exit-codes.md",
    ];

    [Fact]
    public async Task EveryCommandHasHelpWithAnExample()
    {
        foreach (var (path, _) in CommandTree.All)
        {
            var help = (await Run.FlotillaAsync([.. path.Split(' ')[1..], "--help"])).Must();
            Assert.Contains("Examples:", help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EveryCommandAndOptionIsDescribed()
    {
        foreach (var (path, command) in CommandTree.All)
        {
            Assert.False(string.IsNullOrEmpty(command.Description), path);
            Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrEmpty(argument.Description), $"{path} {argument.Name}"));
            Assert.All(CommandTree.OptionsOf(command), option => Assert.False(string.IsNullOrEmpty(option.Description), $"{path} {option.Name}"));
        }
    }

    [Fact]
    public void EveryCommandButTheLauncherPrintsJsonWhenAsked()
    {
        string[] without = ["flotilla gearmand", "flotilla completion"];
        foreach (var (path, command) in CommandTree.All.Where(one => one.Command is CliCommand { Subcommands.Count: 0 } && !without.Contains(one.Path)))
            Assert.True(command.Options.Any(option => option.Name == "--json"), path);
    }

    /// <summary>With FLOTILLA_WRITE_DOCS=1 the page is written instead.</summary>
    [Fact]
    public void TheReferencePageListsWhatThereIs()
    {
        var path = Repository.Combine("docs", "reference", "cli.md");
        if (Environment.GetEnvironmentVariable("FLOTILLA_WRITE_DOCS") == "1")
            File.WriteAllText(path, ReferencePage.Create());
        Assert.True(File.Exists(path) && File.ReadAllText(path) == ReferencePage.Create(), "docs/reference/cli.md is not in step: run this test with FLOTILLA_WRITE_DOCS=1");
    }

    [Fact]
    public void ExamplesOfTheHelpAreValidCommandLines()
    {
        foreach (var (path, command) in CommandTree.All)
        {
            foreach (var (line, _) in (command as CliCommand)?.Examples ?? [])
                RequireValid(line, path);
        }
    }

    [Theory]
    [MemberData(nameof(Guides))]
    public void CommandLinesOfGuidesAreValid(string guide)
    {
        var text = File.ReadAllText(Repository.Combine(guide.Split('/')));
        var blocks = text.Split("```").Where((block, at) => at % 2 == 1 && block.StartsWith("sh\n", StringComparison.Ordinal));
        var lines = blocks.SelectMany(block => block.Split('\n')).Select(line => line.Split("   #")[0].Trim().Replace("./flotilla ", "flotilla ", StringComparison.Ordinal));
        Assert.All(lines.Where(line => line.Contains("flotilla ", StringComparison.Ordinal) || line.Contains("gearmand ", StringComparison.Ordinal)), line => RequireValid(line, guide));
    }

    [Theory]
    [MemberData(nameof(Guides))]
    public void OptionsThatGuidesNameExist(string guide)
    {
        var known = CommandTree.All.SelectMany(one => one.Command.Options.SelectMany(option => option.Aliases.Prepend(option.Name)))
            .Concat(GearmandOptionTable.All.Select(option => "--" + option.Name)).ToHashSet(StringComparer.Ordinal);
        var text = File.ReadAllText(Repository.Combine(guide.Split('/')));
        var blocks = text.Split("```");
        var inline = blocks.Where((_, at) => at % 2 == 0).SelectMany(prose => prose.Split('`').Where((_, at) => at % 2 == 1))
            .Where(one => !one.StartsWith("systemctl ", StringComparison.Ordinal));
        // Lines of other programs, and configuration files, have options of their own.
        var lines = blocks.Where((block, at) => at % 2 == 1 && block.StartsWith("sh\n", StringComparison.Ordinal)).SelectMany(block => block.Split('\n')).Select(line => line.Split("   #")[0]);
        var code = inline.Concat(lines.Where(line => line.Contains("flotilla ", StringComparison.Ordinal) || line.Contains("gearmand ", StringComparison.Ordinal)));
        Assert.All(code.SelectMany(one => one.Split([' ', '=', '\n'])).Where(word => word is ['-', '-', _, ..]), name => Assert.Contains(name, known));
    }

    [Fact]
    public void TheGuidesShowEveryCommand()
    {
        (string, string)[] areas =
        [
            ("flotilla jobs", "jobs-cli.md"), ("flotilla sandbox", "sandbox.md"), ("flotilla deploy", "deploy.md"), ("flotilla worker", "deploy.md"), ("flotilla group ", "groups.md"),
            ("flotilla cluster ", "cluster.md"),
        ];
        foreach (var (area, name) in areas)
        {
            var guide = File.ReadAllText(Repository.Combine("docs", "guides", name));
            foreach (var (path, _) in CommandTree.All.Where(one => one.Command is CliCommand { Subcommands.Count: 0 } && one.Path.StartsWith(area, StringComparison.Ordinal)))
                Assert.Contains(path, guide, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TheReadmeSaysWhatTheHelpSays()
    {
        var said = FlotillaCommand.Create(new TestConsole()).Description!["Flotilla: ".Length..].TrimEnd('.');
        Assert.Contains(said, File.ReadAllText(Repository.Combine("README.md")), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void EveryOptionOfGearmandIsInItsGuide()
    {
        var guide = File.ReadAllText(Repository.Combine("docs", "guides", "replacing-gearmand.md"));
        foreach (var option in GearmandOptionTable.All.Where(option => option.Group.Length > 0))
            Assert.Contains($"--{option.Name}", guide, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryExitCodeIsExplained()
    {
        var page = File.ReadAllText(Repository.Combine("docs", "reference", "exit-codes.md"));
        foreach (var code in Enum.GetValues<ExitCode>())
            Assert.Contains($"| {(int)code} |", page, StringComparison.Ordinal);
    }

    /// <summary>The part of a line that runs our program, parsed as our program would.</summary>
    private static void RequireValid(string line, string where)
    {
        foreach (var words in ShellLine.Commands(line))
        {
            if (words is ["gearmand", ..] or ["flotilla", "gearmand", ..])
                RequireValidLauncher([.. words.SkipWhile(word => word is "flotilla" or "gearmand")], line);
            else if (words is ["flotilla", .. var rest])
                Assert.Empty(FlotillaCommand.Parse(rest, new TestConsole()).Errors.Select(error => $"{where}: {line}: {error.Message}"));
        }
    }

    private static void RequireValidLauncher(string[] words, string line)
    {
        var parsed = GearmandArguments.Parse(words, _ => null, _ => "");
        Assert.True(parsed.Intent != GearmandIntent.Refuse, $"{line}: {parsed.Error}");
    }
}
