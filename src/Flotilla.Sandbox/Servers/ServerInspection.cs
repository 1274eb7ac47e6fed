using System.Text.RegularExpressions;

namespace Flotilla.Sandbox;

/// <summary>Asks a server program for its version and finds the files around it.</summary>
internal static partial class ServerInspection
{
    private const int LibrariesMax = 8;
    private static readonly string[] ShareFolders = ["share/mysql", "share/mariadb", "share", "../share/mysql", "../share"];
    private static readonly string[] PluginFolders =
        ["lib/mysql/plugin", "lib/mariadb/plugin", "lib/plugin", "lib64/mysql/plugin", "lib64/mariadb/plugin", "lib/x86_64-linux-gnu/mariadb19/plugin", "lib64/plugin"];

    private static readonly string[] LibraryRoots = ["lib", "lib64", "lib/private", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu", "bin", "sbin", ""];

    public static async Task<ServerInstallation> InspectAsync(string server, IReadOnlyList<string> toolFolders, CancellationToken cancellationToken)
    {
        var basedir = Path.GetDirectoryName(Path.GetDirectoryName(server)!)!;
        var (text, libraries) = await AskVersionAsync(server, basedir, cancellationToken);
        var match = VersionLine().Match(text);
        if (!match.Success || !ServerVersion.TryParse(match.Groups["version"].Value, out var version))
            throw Missing($"{server} --version said '{text.Trim()}', which names no version");
        var flavor = text.Contains("MariaDB", StringComparison.OrdinalIgnoreCase) ? ServerFlavor.MariaDb : ServerFlavor.MySql;
        var messages = ShareFolders.Select(folder => Path.GetFullPath(Path.Combine(basedir, folder)))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "english", "errmsg.sys")) || File.Exists(Path.Combine(folder, "english", "errmsg-utf8.txt")))
            ?? throw Missing($"{server} came without its messages: no share/english/errmsg.sys or share/mysql/english/errmsg.sys below {basedir}");
        var found = new ServerInstallation
        {
            Flavor = flavor,
            Version = version,
            VersionText = match.Groups["version"].Value,
            Server = server,
            Basedir = basedir,
            MessagesDir = messages,
            PluginDir = PluginFolders.Select(folder => Path.Combine(basedir, folder)).FirstOrDefault(Directory.Exists),
            Client = Tool(toolFolders, "mariadb", "mysql") ?? throw Missing($"no client program (mariadb or mysql) beside {server} nor on the path; Debian has it in mariadb-client-core"),
            Admin = Tool(toolFolders, "mariadb-admin", "mysqladmin") ?? throw Missing($"no mariadb-admin or mysqladmin beside {server} nor on the path; Debian has it in mariadb-client"),
            Binlog = Tool(toolFolders, "mariadb-binlog", "mysqlbinlog"),
            ToolFolders = toolFolders,
            LibraryFolders = libraries,
        };
        foreach (var tool in (string[])[found.Client, found.Admin])
        {
            if (await ProgramRun.RunAsync(tool, ["--no-defaults", "--version"], libraries, cancellationToken) is { Code: not 0 } run)
                throw Missing($"{tool} does not run here: {run.Why}");
        }

        return found.InitialisesItself ? found : found with { SystemTables = SystemTables(found) };
    }

    private static List<string> SystemTables(ServerInstallation server)
    {
        string[] names = server.IsMariaDb
            ? ["system_tables", "performance_tables", "system_tables_data", "fill_help_tables", "maria_add_gis_sp_bootstrap", "sys_schema"]
            : ["system_tables", "system_tables_data", "fill_help_tables"];
        string[] required = ["system_tables", "system_tables_data"];
        var files = new List<string>();
        foreach (var name in names)
        {
            string[] candidates = [$"mariadb_{name}.sql", $"mysql_{name}.sql", $"{name}.sql"];
            var path = candidates.Select(file => Path.Combine(server.MessagesDir, file)).FirstOrDefault(File.Exists);
            if (path is not null)
                files.Add(path);
            else if (required.Contains(name, StringComparer.Ordinal))
                throw Missing($"{server.Server} came without its system tables: no {candidates[1]} in {server.MessagesDir}");
        }

        return files;
    }

    /// <summary>Runs it; libraries the system lacks are looked for in what came with it.</summary>
    private static async Task<(string Text, IReadOnlyList<string> Libraries)> AskVersionAsync(string server, string basedir, CancellationToken cancellationToken)
    {
        var libraries = new List<string>();
        for (var attempt = 0; attempt < LibrariesMax; attempt++)
        {
            var run = await ProgramRun.RunAsync(server, ["--no-defaults", "--version"], libraries, cancellationToken);
            if (run.Code == 0)
                return (run.Output, libraries);
            var missing = MissingLibrary().Match(run.Errors);
            if (!missing.Success)
                throw Missing($"{server} does not run here: {run.Why}");
            var name = missing.Groups["name"].Value;
            var folder = LibraryRoots.Select(root => Path.Combine(basedir, root)).FirstOrDefault(one => File.Exists(Path.Combine(one, name)));
            if (folder is null || libraries.Contains(folder, StringComparer.Ordinal))
                throw Missing($"{server} needs the library {name}, which is not installed{(name.StartsWith("libaio", StringComparison.Ordinal) ? " (Debian has it in libaio1)" : "")}");
            libraries.Add(folder);
        }

        throw Missing($"{server} needs more libraries than could be found");
    }

    private static string? Tool(IReadOnlyList<string> folders, params IReadOnlyList<string> names)
        => folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    private static SandboxException Missing(string message) => new(SandboxProblem.MissingServer, message);

    [GeneratedRegex(@"Ver\s+(?<version>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"while loading shared libraries: (?<name>[^:\s]+):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MissingLibrary();
}
