using System.Text.Json;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>A deployment's folder here: journal, passwords, scripts.</summary>
internal sealed class DeploymentFolder(string root, string name)
{
    private const string CredentialsFile = "credentials.json";

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(root), name);

    /// <summary>Null when somebody else works on it.</summary>
    public FolderLock Lock()
        => FolderLock.Try(System.IO.Path.Combine(System.IO.Path.GetFullPath(root), ".locks", name)) ?? throw new DeploymentException(
            DeploymentProblem.Conflict, $"another process works on the deployment {name}");

    public DeploymentJournal? Read() => DeploymentJournal.Read(Path);

    public DeploymentJournal MustRead()
        => Read() ?? throw new DeploymentException(
            DeploymentProblem.NotFound, $"there is no deployment {name} in {System.IO.Path.GetFullPath(root)}{(List(root) is { Count: > 0 } all ? $", only {string.Join(", ", all)}" : "")}");

    /// <summary>On disk, whole or not at all, when it returns.</summary>
    public DeploymentJournal Write(DeploymentJournal journal)
    {
        try
        {
            Directory.CreateDirectory(Path, SafeFile.Folder);
            SafeFile.Write(System.IO.Path.Combine(Path, DeploymentJournal.FileName), JsonSerializer.Serialize(journal, DeploymentJson.Default.DeploymentJournal) + "\n", SafeFile.Public);
            return journal;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DeploymentException(DeploymentProblem.Storage, $"{Path} can't be written to: {failure.Message}", failure);
        }
    }

    /// <summary>The passwords: those that are kept, or new ones, kept.</summary>
    public SandboxCredentials Credentials()
    {
        var path = System.IO.Path.Combine(Path, CredentialsFile);
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), DeploymentJson.Default.SandboxCredentials)
                ?? throw new DeploymentException(DeploymentProblem.Storage, $"{path} is empty");
        }

        var fresh = SandboxCredentials.Generate();
        SafeFile.Write(path, JsonSerializer.Serialize(fresh, DeploymentJson.Default.SandboxCredentials), SafeFile.Secret);
        return fresh;
    }

    /// <param name="journal">Which servers.</param>
    /// <param name="client">The command-line client to use here: a path, or a name that the shell finds.</param>
    public void WriteScripts(DeploymentJournal journal, string client)
    {
        var version = ServerVersion.Parse(journal.Version);
        // Of the programs only the client is needed here; the servers' are on their hosts.
        var dialect = new ServerInstallation
        {
            Flavor = journal.Version.StartsWith("mariadb", StringComparison.Ordinal) ? ServerFlavor.MariaDb : ServerFlavor.MySql,
            Version = version,
            VersionText = version.ToString(),
            Server = "",
            Basedir = "",
            MessagesDir = "",
            Client = client,
            Admin = "",
        };
        var servers = journal.Nodes.Select(node => new RemoteServer(
            node.Name, node.Address, node.Port, node.ServerId, node.Role == SandboxRole.Replica ? [journal.Nodes[0].Name] : []));
        RemoteFolder.Write(Path, SandboxTopology.Replication, dialect, [.. servers], "msandbox", Credentials().User);
    }

    public void Delete()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    /// <summary>Names of all deployments.</summary>
    public static IReadOnlyList<string> List(string root)
        => !Directory.Exists(root) ? [] : [.. Directory.GetDirectories(root).Where(folder => File.Exists(System.IO.Path.Combine(folder, DeploymentJournal.FileName)))
            .Select(folder => System.IO.Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
}
