using System.Globalization;
using static Flotilla.Cli.Gearmand.GearmandWords;

namespace Flotilla.Cli.Gearmand;

/// <summary>
/// From a gearmand command line to what it asks for. Order and texts are those of gearmand 1.1.20: words, verbosity, configuration file,
/// then <c>--check-args</c>, help, version. Pure: the environment and files come in as functions.
/// </summary>
internal static class GearmandArguments
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">A variable of the environment, or null.</param>
    /// <param name="readFile">A file's text, or null when it can't be read.</param>
    public static GearmandInvocation Parse(IReadOnlyList<string> arguments, Func<string, string?> environment, Func<string, string?> readFile)
    {
        var words = Read(arguments);
        if (words.Error is { } error)
            return GearmandInvocation.Refused(error);
        var configuration = words.Value("config-file");
        foreach (var stray in words.Strays)
        {
            if (configuration is not null || stray is not ['@', _, ..])
                return GearmandInvocation.Refused($"unrecognised option '{stray}'");
            configuration = stray[1..];
        }

        if (!TryVerbosity(words, out var verbosity))
            return GearmandInvocation.Refused("Invalid value for --verbose supplied");
        IReadOnlyList<string> ignored = [];
        if (configuration is not null)
        {
            if (readFile(configuration) is not { } text)
                return GearmandInvocation.Refused("Could not open configuration file.");
            var fromFile = Read(text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries));
            if (fromFile.Error is { } wrong)
                return GearmandInvocation.Refused($"{wrong} (in {configuration})");
            words.AddMissing(fromFile);
            ignored = fromFile.Strays;
            if (!TryVerbosity(words, out verbosity))
                return GearmandInvocation.Refused($"Invalid value for --verbose supplied (in {configuration})");
        }

        var settings = Collect(words, environment) with { Verbosity = verbosity, IgnoredWords = ignored };
        return new GearmandInvocation(IntentOf(words), null, settings);
    }

    private static GearmandIntent IntentOf(GearmandWords words)
        => words.Has("check-args") ? GearmandIntent.CheckOnly
            : words.Has("help") ? GearmandIntent.ShowHelp
            : words.Has("version") ? GearmandIntent.ShowVersion
            : GearmandIntent.Serve;

    private static bool TryVerbosity(GearmandWords words, out GearmandVerbosity verbosity)
    {
        verbosity = GearmandVerbosity.Error;
        if (words.Value("verbose") is not { } word)
            return true;
        foreach (var level in Enum.GetValues<GearmandVerbosity>())
        {
            if (GearmandLogLine.NameOf(level) != word)
                continue;
            verbosity = level;
            return true;
        }

        return false;
    }

    private static GearmandSettings Collect(GearmandWords words, Func<string, string?> environment)
    {
        var port = Text("port")!;
        if (port == "4730" && environment("GEARMAND_PORT") is { Length: > 0 } other)
            port = other;
        return new GearmandSettings
        {
            Backlog = Signed("backlog"),
            IsDaemon = words.Has("daemon"),
            ExceptionsByDefault = words.Has("exceptions"),
            FileDescriptors = words.Has("file-descriptors") ? Unsigned("file-descriptors", ulong.MaxValue) : null,
            JobRetries = (uint)Unsigned("job-retries", uint.MaxValue),
            JobHandlePrefix = Text("job-handle-prefix"),
            KeepAlive = words.Has("keepalive"),
            KeepAliveIdleSeconds = Signed("keepalive-idle"),
            KeepAliveIntervalSeconds = Signed("keepalive-interval"),
            KeepAliveCount = Signed("keepalive-count"),
            LogFile = Text("log-file")!,
            Listen = Text("listen"),
            PidFile = Text("pid-file")!,
            Protocol = Text("protocol"),
            QueueType = Text("queue-type")!,
            UsesSyslog = words.Has("syslog"),
            CoreDump = words.Has("coredump"),
            Threads = (uint)Unsigned("threads", uint.MaxValue),
            User = Text("user"),
            WorkerWakeup = (uint)Unsigned("worker-wakeup", uint.MaxValue),
            Port = port,
            HttpPort = Text("http-port")!,
            Ssl = words.Has("ssl"),
            SslCaFile = Text("ssl-ca-file") ?? environment("GEARMAND_CA_CERTIFICATE"),
            SslCertificate = Text("ssl-certificate") ?? environment("GEARMAND_SERVER_PEM"),
            SslKey = Text("ssl-key") ?? environment("GEARMAND_SERVER_KEY"),
            FileStore = Text("file-store")!,
            SqliteDb = Text("libsqlite3-db"),
            SqliteTable = Text("libsqlite3-table")!,
        };

        string? Text(string name) => words.Value(name) ?? GearmandOptionTable.ByName(name)!.Default;

        int Signed(string name) => int.Parse(Text(name)!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

        ulong Unsigned(string name, ulong max) => TryUnsigned(Text(name)!, max, out var number) ? number : 0;
    }
}
