using Flotilla.Cli.Hosting;
using Flotilla.Node;
using Flotilla.Node.Configuration;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Where a cluster on one machine is, and what belongs to it. See docs/design/up.md.</summary>
internal sealed class UpFolder(string path)
{
    public const string SandboxName = "db";

    /// <summary>The nodes' names.</summary>
    public static IReadOnlyList<string> Nodes { get; } = ["a", "b", "c"];

    public static string DefaultPath => System.IO.Path.Combine(
        Environment.IsPrivilegedProcess ? "/var/lib/flotilla" : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "flotilla"), "up");

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Servers => In("servers");

    public string Secret => In("secret");

    public string ManagementSecret => In("management.secret");

    public string KeeperLog => In("keeper.log");

    /// <summary>Whether the cluster was made here.</summary>
    public bool IsMade => Nodes.All(node => File.Exists(ConfigOf(node)));

    public string ConfigOf(string node) => In(node + ".yaml");

    public string LogOf(string node) => In(node + ".log");

    public string StateOf(string node) => In("node-" + node);

    public string JobsOf(string node) => In("jobs-" + node);

    /// <summary>What the nodes were told, in their order.</summary>
    public IReadOnlyList<NodeOptions> ReadConfigs()
    {
        try
        {
            return [.. Nodes.Select(node => ConfigurationFile.Load(ConfigOf(node)))];
        }
        catch (ConfigurationException wrong)
        {
            throw new CliException(ExitCode.Failed, $"the configuration can't be used: {string.Join("; ", wrong.Problems)}", $"Mend it, or begin anew with 'flotilla down --delete'{(Path == DefaultPath ? "" : $" --folder {Path}")}.");
        }
    }

    public SandboxRoot Sandboxes(TimeProvider clock) => new(Servers, clock);

    /// <summary>The process that keeps the nodes running; null when there is none.</summary>
    public int? Keeper => Find(words => Array.IndexOf(words, "--keep") > 0 && Array.IndexOf(words, Path) > 0);

    public int? NodeProcess(string node) => Find(words => Array.IndexOf(words, "node") > 0 && Array.IndexOf(words, ConfigOf(node)) > 0);

    /// <summary>The parents of the database servers.</summary>
    public IReadOnlyList<int> Guards => UnixProcesses.Find(words => words.Length > 1 && words[1] == "guard" && Array.Exists(words, word => IsBelow(word, Servers)));

    public IReadOnlyList<int> DatabaseServers => UnixProcesses.Find(words => words.Length > 1 && words[1].StartsWith("--defaults-file=", StringComparison.Ordinal) && IsBelow(words[1]["--defaults-file=".Length..], Servers));

    /// <summary>The process of one server, by the folder that its node was told.</summary>
    public static int? ServerProcess(string serverFolder) => Find(words => words.Length > 1 && words[1] == $"--defaults-file={System.IO.Path.Combine(serverFolder, "my.cnf")}");

    public IReadOnlyList<int> NodeProcesses => [.. Nodes.Select(NodeProcess).OfType<int>()];

    /// <summary>Every process of the cluster.</summary>
    public IReadOnlyList<int> Processes => [.. Keeper is { } keeper ? [keeper] : Array.Empty<int>(), .. NodeProcesses, .. Guards, .. DatabaseServers];

    /// <summary>Held while the cluster is made, started or removed.</summary>
    /// <exception cref="CliException">Another process holds it.</exception>
    public FileStream Lock()
    {
        Directory.CreateDirectory(Path);
        try
        {
            return new FileStream(In("up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (failure is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new CliException(ExitCode.Refused, $"another 'flotilla up' or 'flotilla down' is at work in {Path}", "Wait for it.");
        }
    }

    /// <summary>Removes what <c>up</c> made, and the folder when nothing else is in it.</summary>
    public void Delete()
    {
        foreach (var folder in (string[])[Servers, .. Nodes.Select(StateOf), .. Nodes.Select(JobsOf)])
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }

        foreach (var file in (string[])[.. Nodes.Select(ConfigOf), .. Nodes.Select(LogOf), Secret, ManagementSecret, KeeperLog, In("up.lock")])
            File.Delete(file);
        if (!Directory.EnumerateFileSystemEntries(Path).Any())
            Directory.Delete(Path);
    }

    private static int? Find(Func<string[], bool> condition) => UnixProcesses.Find(condition) is [var first, ..] ? first : null;

    private static bool IsBelow(string file, string folder) => file.StartsWith(folder + "/", StringComparison.Ordinal);

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
