using System.Text.Json;
using Flotilla.MySql;

namespace Flotilla.Sandbox;

/// <summary>A sandbox that is there: its folder and its servers.</summary>
public sealed class SandboxInstance
{
    internal const string CredentialsFile = "credentials.json";
    private readonly string _root;

    internal SandboxInstance(string root, SandboxRecord record) => (_root, Record) = (root, record);

    public SandboxRecord Record { get; }

    public string Name => Record.Name;

    public IReadOnlyList<SandboxNode> Nodes => Record.Nodes;

    public string Folder => Path.Combine(_root, Record.Name);

    /// <summary>PEM file of the authority that its servers' certificates come from; null without TLS.</summary>
    public string? CertificateAuthority => Record.Spec.Tls ? TlsPaths.Below(Folder).Authority : null;

    public string FolderOf(SandboxNode node) => Files(node).Folder;

    public string SocketOf(SandboxNode node) => Files(node).Socket;

    /// <summary>The command line of a server: for those who want to be its parent. Environment: see <see cref="ServerInstallation.LibraryFolders"/>.</summary>
    public IReadOnlyList<string> CommandLineOf(SandboxNode node) => [Record.Spec.Server.Server, $"--defaults-file={Path.Combine(Files(node).Folder, "my.cnf")}"];

    /// <summary>The passwords of its users.</summary>
    /// <exception cref="SandboxException">The file is gone or spoilt.</exception>
    public SandboxCredentials ReadCredentials() => ReadCredentials(Folder) ?? throw new SandboxException(
        SandboxProblem.Storage, $"{Path.Combine(Folder, CredentialsFile)} is gone; the passwords are still in my.cnf and its siblings");

    /// <summary>Opens a session as root, by the server's socket. Dispose it.</summary>
    /// <exception cref="MySqlException">The server does not run or does not let us in.</exception>
    public async Task<MySqlConnection> OpenAsync(SandboxNode node, CancellationToken cancellationToken = default)
        => await MySqlConnection.OpenAsync(OptionsOf(node, "root", ReadCredentials().Root), cancellationToken);

    internal MySqlOptions OptionsOf(SandboxNode node, string user, string password)
        => new() { UnixSocket = SocketOf(node), User = user, Password = password, AllowPublicKeyRetrieval = true };

    internal static SandboxCredentials? ReadCredentials(string folder)
    {
        var path = Path.Combine(folder, CredentialsFile);
        try
        {
            return JsonSerializer.Deserialize<SandboxCredentials>(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException failure)
        {
            throw new SandboxException(SandboxProblem.Storage, $"{path} can't be read: {failure.Message}", failure);
        }
    }

    internal NodeFiles Files(SandboxNode node) => new(_root, Record, node, NoCredentials);

    private static readonly SandboxCredentials NoCredentials = new("", "", "", "", "");
}
