using System.Globalization;
using Flotilla.MySql;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>The functions about what is in a server: plugins and data.</summary>
internal sealed class DataJobs(SandboxRoot root, SandboxJobs sandboxes, TarballStore files)
{
    private const int TellEveryStatements = 200;

    public string Inbox => Path.Combine(root.Folder, "inbox");

    /// <summary>Installs a library of the server's own plugin folder; one that is installed already is left alone.</summary>
    public async Task<PluginFact> InstallPluginAsync(InstallPluginArguments arguments, CancellationToken cancellationToken)
    {
        var sandbox = sandboxes.Find(arguments.Name);
        var server = sandbox.Record.Spec.Server;
        var file = arguments.Soname.EndsWith(".so", StringComparison.Ordinal) ? arguments.Soname : arguments.Soname + ".so";
        if (!server.HasPlugin(file))
            throw new DeploymentException(DeploymentProblem.Missing, $"{ServerText.Of(server)} came without the plugin {file}: it is not in {server.PluginDir ?? "any plugin folder"}");
        if (!server.IsMariaDb && arguments.Plugin is null)
            throw new DeploymentException(DeploymentProblem.BadRequest, "MySQL wants the name of the plugin besides: give plugin");
        await using var session = await sandbox.OpenAsync(sandbox.Nodes[0], cancellationToken);
        var known = await session.QueryScalarAsync($"SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_LIBRARY = '{file}' AND PLUGIN_STATUS = 'ACTIVE'", cancellationToken);
        if (known is not (null or "0"))
            return new PluginFact { Soname = file, WasThere = true };
        await session.ExecuteAsync(server.IsMariaDb ? $"INSTALL SONAME '{file}'" : $"INSTALL PLUGIN {arguments.Plugin} SONAME '{file}'", cancellationToken);
        return new PluginFact { Soname = file, WasThere = false };
    }

    /// <summary>Runs a SQL file of the inbox, or makes the sample.</summary>
    public async Task<LoadedData> LoadAsync(LoadDataArguments arguments, Action<string> tell, CancellationToken cancellationToken)
    {
        var sandbox = sandboxes.Find(arguments.Name);
        if (sandbox.Nodes[0].Role == SandboxRole.Replica)
            throw new DeploymentException(DeploymentProblem.BadRequest, $"{arguments.Name} is a replica: load into its primary, from where it comes by itself");
        using var ours = await FolderLock.TakeAsync(Path.Combine(root.Folder, ".owners", arguments.Name + ".load"), cancellationToken);
        await using var session = await sandbox.OpenAsync(sandbox.Nodes[0], cancellationToken);
        if (arguments.File is not { } file)
            return await RunAsync(session, EmployeesSample.Statements(arguments.Employees ?? LoadDataArguments.EmployeesUsual), tell, cancellationToken);
        var path = Path.Combine(Inbox, file);
        if (!File.Exists(path) || new FileInfo(path).LinkTarget is not null)
            throw new DeploymentException(DeploymentProblem.NotFound, $"there is no file {file} in {Inbox}");
        // A job that is done a second time, because its worker was lost at the end, must not load twice.
        var mark = Path.Combine(sandbox.Folder, $"loaded-{await files.DigestAsync(path, cancellationToken)}");
        if (!arguments.Repeat && File.Exists(mark))
            return new LoadedData { Statements = long.Parse(await File.ReadAllTextAsync(mark, cancellationToken), CultureInfo.InvariantCulture), Rows = 0 };
        using var reader = new StreamReader(path);
        var loaded = await RunAsync(session, SqlScript.Statements(reader), tell, cancellationToken);
        SafeFile.Write(mark, loaded.Statements.ToString(CultureInfo.InvariantCulture), SafeFile.Public);
        return loaded;
    }

    private static async Task<LoadedData> RunAsync(MySqlConnection session, IEnumerable<string> statements, Action<string> tell, CancellationToken cancellationToken)
    {
        var (count, rows) = (0L, 0L);
        foreach (var statement in statements)
        {
            try
            {
                rows += (long)(await session.ExecuteAsync(statement, cancellationToken)).AffectedRows;
            }
            catch (MySqlServerException failure)
            {
                throw new DeploymentException(DeploymentProblem.ServerFailed, $"statement {count + 1} ('{statement[..Math.Min(statement.Length, 80)]}') was refused: {failure.Message}", failure);
            }

            count++;
            if (count % TellEveryStatements == 0)
                tell($"{count} statements run");
        }

        return new LoadedData { Statements = count, Rows = rows };
    }
}
