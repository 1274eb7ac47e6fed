namespace Flotilla.Bench.Jobs;

/// <summary>How a server is started. `{port}` and `{folder}` in arguments are filled in.</summary>
internal sealed record ServerSetup(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>C gearmand at its defaults: four I/O threads, every sleeper woken. Logs errors only.</summary>
    public static ServerSetup Gearmand { get; } = new(
        "gearmand",
        Repository.Combine(".tools", "peers", "gearmand", "usr", "sbin", "gearmand"),
        ["-L", "127.0.0.1", "-p", "{port}", "-P", "{folder}/pid", "-l", "none", "--verbose", "ERROR"]);

    /// <summary>gearmand with its queue in SQLite.</summary>
    public static ServerSetup GearmandDurable { get; } = Gearmand with
    {
        Arguments = [.. Gearmand.Arguments, "-q", "libsqlite3", "--libsqlite3-db", "{folder}/queue.db"],
    };

    /// <summary>Ours as `flotilla jobs serve`, everything in memory.</summary>
    public static ServerSetup Flotilla { get; } = new(
        "flotilla",
        Repository.Combine("src", "Flotilla.Cli", "bin", "Release", "net10.0", "flotilla"),
        ["jobs", "serve", "-L", "127.0.0.1:{port}", "--http", "none", "--management", "none", "--store", "memory"]);

    /// <summary>Ours with its file store: a job is acknowledged when its record is on disk.</summary>
    public static ServerSetup FlotillaDurable { get; } = Flotilla with
    {
        Arguments = [.. Flotilla.Arguments.Take(Flotilla.Arguments.Count - 1), "file", "--store-path", "{folder}/store"],
    };

    /// <summary>The featureless epoll loop: what a job server can hope for on this machine.</summary>
    public static ServerSetup Ceiling { get; } = new("ceiling", LoadPrograms.Ceiling, ["{port}"]);
}
