using System.CommandLine;
using System.CommandLine.Parsing;
using Flotilla.Node;
using Flotilla.Node.Configuration;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>The command line of <c>jobs serve</c>. What it does not say comes from the configuration file, then from the defaults.</summary>
internal sealed class ServeOptions
{
    private readonly ListenOptions _listen = new();
    private readonly LimitOptions _limits = new();

    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = "YAML file with any of the server's options; see docs/reference/configuration.md.", HelpName = "file",
    };

    private readonly Option<int> _threads = new("--threads", "-t") { Description = "I/O threads; 0 chooses by the number of processors.", HelpName = "n" };
    private readonly Option<StoreKind> _store = new("--store") { Description = "Where background jobs are kept: file, sqlite or memory. Default file.", CustomParser = Store };
    private readonly Option<string?> _storePath = new("--store-path")
    {
        Description = "Folder of the file store, or file of SQLite. Default: below /var/lib/flotilla, or ~/.local/state/flotilla if not root.",
        HelpName = "path",
    };

    private readonly LogOptions _log = new("Log more: -v what starts and stops, -vv also connections and jobs, -vvv everything.");
    private readonly Option<bool> _json = OutputOptions.Json("Once it listens, print its addresses as one object.");

    private static StoreKind Store(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Enum.TryParse<StoreKind>(text, ignoreCase: true, out var kind) && Enum.IsDefined(kind) && char.IsAsciiLetter(text[0]))
            return kind;
        result.AddError($"--store must be file, sqlite or memory, not '{text}'.");
        return default;
    }

    public void AddTo(Command command)
    {
        _listen.AddTo(command);
        foreach (var option in (Option[])[_config, _threads, _store, _storePath])
            command.Options.Add(option);
        _limits.AddTo(command);
        _log.AddTo(command);
        command.Options.Add(_json);
    }

    /// <exception cref="CliException">The file or the options are wrong; all problems are listed.</exception>
    public ServeSettings Read(ParseResult parsed)
    {
        var node = parsed.GetValue(_config) is { } file ? Load(file) : new NodeOptions();
        var server = _limits.Apply(parsed, _listen.Apply(parsed, node.JobServer));
        if (parsed.GetResult(_threads) is not null)
            server = server with { Threads = parsed.GetValue(_threads) };
        var store = node.Store;
        if (parsed.GetResult(_store) is not null)
            store = new StoreOptions { Kind = parsed.GetValue(_store), SegmentBytes = store.SegmentBytes };
        if (parsed.GetValue(_storePath) is { } path)
            store = store with { Path = path };
        node = node with { JobServer = server, Store = store, Management = _listen.Apply(parsed, node.Management) };
        var problems = node.Validate();
        if (problems.Count > 0)
            throw Refuse("the server can't be started like this", problems);
        return new ServeSettings(node, _log.Read(parsed), parsed.GetValue(_json));
    }

    /// <summary>What the file says.</summary>
    /// <exception cref="CliException">It can't be used; all problems are listed.</exception>
    internal static NodeOptions Load(string path)
    {
        try
        {
            return ConfigurationFile.Load(path);
        }
        catch (ConfigurationException wrong)
        {
            throw Refuse("the configuration file can't be used", wrong.Problems);
        }
    }

    private static CliException Refuse(string what, IReadOnlyList<string> problems)
        => new(
            ExitCode.Usage,
            problems.Count == 1 ? $"{what}: {problems[0]}" : $"{what}:{string.Concat(problems.Select(problem => "; " + problem))[1..]}",
            problems.Any(problem => problem.Contains("reachable from other machines", StringComparison.Ordinal))
                ? "Give it --secret-file FILE, or client certificates with --tls-clients required, or say --allow-open."
                : "See 'flotilla jobs serve --help' and docs/reference/configuration.md.");
}
