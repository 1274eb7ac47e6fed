using System.CommandLine;
using System.CommandLine.Parsing;
using Flotilla.JobServer.Telemetry;
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

    private readonly Option<string?> _pidFile = new("--pid-file") { Description = "Write the process id there while it runs.", HelpName = "file" };
    private readonly Option<string?> _logFile = new("--log-file") { Description = "Log there and not to standard error; opened again on SIGHUP.", HelpName = "file" };
    private readonly Option<string> _logFormat = new("--log-format") { Description = "text or json.", DefaultValueFactory = _ => "text" };
    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Log more: -v what starts and stops, -vv also connections and jobs, -vvv everything.",
        Arity = ArgumentArity.Zero,
    };

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
        _logFormat.AcceptOnlyFromAmong("text", "json");
        _listen.AddTo(command);
        foreach (var option in (Option[])[_config, _threads, _store, _storePath])
            command.Options.Add(option);
        _limits.AddTo(command);
        foreach (var option in (Option[])[_pidFile, _logFile, _logFormat, _verbose, _json])
            command.Options.Add(option);
    }

    /// <exception cref="CliException">The file or the options are wrong; all problems are listed.</exception>
    public ServeSettings Read(ParseResult parsed)
    {
        var node = LoadFile(parsed.GetValue(_config));
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
        var verbosity = Verbosity.ToLogLevel(parsed.GetResult(_verbose)?.IdentifierTokenCount ?? 0);
        return new ServeSettings(
            node, verbosity, parsed.GetValue(_logFile), parsed.GetValue(_logFormat) == "json", parsed.GetValue(_pidFile), parsed.GetValue(_json));
    }

    private static NodeOptions LoadFile(string? path)
    {
        if (path is null)
            return new NodeOptions();
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
