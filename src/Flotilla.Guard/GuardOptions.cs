using System.Globalization;
using System.Text;

namespace Flotilla.Guard;

/// <summary>What a guard is started with.</summary>
public sealed record GuardOptions
{
    private const int SocketPathBytesMax = 107;

    /// <summary>The folder of the server, where the guard keeps its socket and its locks; the server's working folder too. It must exist.</summary>
    public required string Folder { get; init; }

    /// <summary>The server's program and its arguments; those that belong to a role are added when it is started. None: the guard can only attach.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>
    /// The user that the server runs as. Default: the guard's. A server that changes its user by itself would lose its parent death signal and is not given a lease: tell
    /// the user here, not to the server.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The group of that user. Default: of the same name.</summary>
    public string? Group { get; init; }

    /// <summary>Where the server's standard output and error go, and a line for each thing that the guard did. Default <c>server.out</c> in the folder.</summary>
    public string? LogPath { get; init; }

    /// <summary>Default <c>guard.sock</c> in the folder. At most 107 bytes.</summary>
    public string? SocketPath { get; init; }

    /// <summary>A guard without server and without connections ends after this time. Default a minute, at least 10 ms.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);

    internal string EffectiveSocketPath => SocketPath ?? Path.Combine(Folder, "guard.sock");

    internal string EffectiveLogPath => LogPath ?? Path.Combine(Folder, "server.out");

    /// <summary>Held by the guard as long as it lives.</summary>
    internal string LockPath => Path.Combine(Folder, "guard.lock");

    /// <summary>Held by the server as long as it lives.</summary>
    internal string ServerLockPath => Path.Combine(Folder, "server.lock");

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!Path.IsPathFullyQualified(Folder))
            problems.Add("the folder must be an absolute path");
        if (Encoding.UTF8.GetByteCount(EffectiveSocketPath) > SocketPathBytesMax)
            problems.Add($"the path of the socket is longer than {SocketPathBytesMax} bytes: {EffectiveSocketPath}");
        if (Idle < TimeSpan.FromMilliseconds(10))
            problems.Add("the idle time is below 10 ms");
        if (Command.Count > 0 && !Path.IsPathFullyQualified(Command[0]))
            problems.Add("the server's program must be an absolute path");
        if (Command.Concat([Folder, LogPath ?? "", SocketPath ?? "", User ?? "", Group ?? ""]).Any(word => word.Contains('\0', StringComparison.Ordinal)))
            problems.Add("a word holds a zero");
        if (Group is not null && User is null)
            problems.Add("a group without a user");
        return problems;
    }

    /// <exception cref="GuardException">Something is wrong.</exception>
    public void Validate()
    {
        if (Problems() is { Count: > 0 } problems)
            throw new GuardException("a guard's options: " + string.Join("; ", problems));
    }

    /// <summary>The words behind <c>flotilla guard</c>.</summary>
    internal IReadOnlyList<string> ToArguments()
    {
        List<string> words = ["--folder", Folder, "--idle", Idle.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)];
        Add(words, "--user", User);
        Add(words, "--group", Group);
        Add(words, "--log", LogPath);
        Add(words, "--socket", SocketPath);
        return [.. words, "--", .. Command];
    }

    /// <summary>Reads those words back; throws <see cref="GuardException"/> with what is wrong.</summary>
    internal static GuardOptions Parse(ReadOnlySpan<string> words)
    {
        var options = new GuardOptions { Folder = "" };
        var at = 0;
        for (; at < words.Length && words[at] != "--"; at += 2)
        {
            if (at + 1 == words.Length)
                throw new GuardException($"{words[at]}: unknown, or its value is missing");
            var value = words[at + 1];
            options = words[at] switch
            {
                "--folder" => options with { Folder = value },
                "--user" => options with { User = value },
                "--group" => options with { Group = value },
                "--log" => options with { LogPath = value },
                "--socket" => options with { SocketPath = value },
                "--idle" when double.TryParse(value, CultureInfo.InvariantCulture, out var ms) && ms is >= 0 and <= int.MaxValue => options with { Idle = TimeSpan.FromMilliseconds(ms) },
                _ => throw new GuardException($"{words[at]} {value}: not understood"),
            };
        }

        options = options with { Command = at < words.Length ? [.. words[(at + 1)..]] : [] };
        options.Validate();
        return options;
    }

    private static void Add(List<string> words, string name, string? value)
    {
        if (value is not null)
            words.AddRange([name, value]);
    }
}
