using System.Text;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Node;
using Flotilla.Node.Configuration;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Where a cluster on one machine is, and what belongs to it. See docs/design/up.md.</summary>
internal sealed class UpFolder(string path)
{
    public const string SandboxName = "db";

    /// <summary>What fits into sockaddr_un with its closing zero.</summary>
    private const int SocketPathMax = 107;

    /// <summary>EWOULDBLOCK of flock.</summary>
    private const int HeldByOther = 11;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The nodes' names.</summary>
    public static IReadOnlyList<string> Nodes { get; } = ["a", "b", "c"];

    public static string DefaultPath => System.IO.Path.Combine(
        Environment.IsPrivilegedProcess ? "/var/lib/flotilla" : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "flotilla"), "up");

    /// <summary>One name for one folder, whatever it was called: processes are found by it.</summary>
    public string Path { get; } = Real(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));

    /// <summary>The option that leads here, as a shell wants it; empty where none is needed.</summary>
    public string Words => Path == Real(DefaultPath) ? "" : $" --folder {ShellWord.Of(Path)}";

    public string Servers => In("servers");

    public string Secret => In("secret");

    public string ManagementSecret => In("management.secret");

    public string KeeperLog => In("keeper.log");

    /// <summary>Whether <c>up</c> has been at work here.</summary>
    public bool IsOurs => File.Exists(LockFile);

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
            throw new CliException(ExitCode.Failed, $"the configuration can't be used: {string.Join("; ", wrong.Problems)}", $"Mend it, or begin anew after 'flotilla down --delete{Words}'.");
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

    /// <summary>Refuses a folder where no cluster can be, before anything is written.</summary>
    public void RequireUsable()
    {
        if (Path.FirstOrDefault(one => one is '#' or '\\' or '"' || char.IsControl(one)) is var odd and not '\0')
            throw new CliException(ExitCode.Usage, $"the path {Path} holds {(char.IsControl(odd) ? "a control character" : odd)}, which the servers' option files can't", "Take another --folder.");
        var socket = System.IO.Path.Combine(Servers, SandboxName, "node1", "mysql.sock");
        if (Encoding.UTF8.GetByteCount(socket) is var length && length > SocketPathMax)
            throw new CliException(
                ExitCode.Usage, $"the path {Path} is too long: unix sockets below it would have {length} bytes, and the system takes {SocketPathMax}", $"Take a --folder that is {length - SocketPathMax} shorter.");
        if (!IsOurs && Contents.FirstOrDefault(System.IO.Path.Exists) is { } foreign)
            throw new CliException(ExitCode.Refused, $"{foreign} is there, and 'flotilla up' did not make it", "Take another --folder.");
    }

    /// <summary>Held while the cluster is made, started, stopped by <c>down</c>, or removed.</summary>
    /// <exception cref="CliException">Another process holds it.</exception>
    public FileStream Lock()
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        Directory.CreateDirectory(Path, Private);
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (failure.HResult == HeldByOther)
        {
            throw new CliException(ExitCode.Refused, $"another 'flotilla up' or 'flotilla down' is at work in {Path}", "Wait for it, or stop it with Ctrl-C where it runs.");
        }
    }

    /// <summary>Removes what <c>up</c> made, and the folder when nothing else is in it.</summary>
    public void Delete()
    {
        foreach (var entry in Contents)
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }

        // Last: while it is there, what is left can be removed by another call.
        File.Delete(LockFile);
        if (!Directory.EnumerateFileSystemEntries(Path).Any())
            Directory.Delete(Path);
    }

    private string LockFile => In("up.lock");

    /// <summary>All that is made here, but for the lock.</summary>
    private IEnumerable<string> Contents
        => [Servers, .. Nodes.Select(StateOf), .. Nodes.Select(JobsOf), .. Nodes.Select(ConfigOf), .. Nodes.Select(LogOf), Secret, ManagementSecret, KeeperLog];

    /// <summary>Without links, as far as it is there.</summary>
    private static string Real(string path)
    {
        if (System.IO.Path.GetDirectoryName(path) is not { } parent)
            return path;
        var here = new DirectoryInfo(System.IO.Path.Combine(Real(parent), System.IO.Path.GetFileName(path)));
        return here.LinkTarget is null ? here.FullName : Real(here.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }

    private static int? Find(Func<string[], bool> condition) => UnixProcesses.Find(condition) is [var first, ..] ? first : null;

    private static bool IsBelow(string file, string folder) => file.StartsWith(folder + "/", StringComparison.Ordinal);

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
