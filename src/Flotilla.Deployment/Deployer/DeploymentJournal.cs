using System.Text.Json;

namespace Flotilla.Deployment;

/// <summary>A deployment as it was planned and how far it is: <c>deployment.json</c> in its folder. No secrets.</summary>
public sealed record DeploymentJournal
{
    public const string FileName = "deployment.json";
    private const int FormatNow = 1;

    /// <summary>1; a later one is refused.</summary>
    public int Format { get; init; } = FormatNow;

    /// <summary>Random; marks what belongs to it on the hosts.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DeploymentState State { get; init; }

    /// <summary>Exactly: <c>mariadb 10.11.19</c>.</summary>
    public required string Version { get; init; }

    public required bool UseGtid { get; init; }

    public required bool SemiSync { get; init; }

    public required string RemoteAccess { get; init; }

    public IReadOnlyList<string> Options { get; init => field = value ?? []; } = [];

    public TarballChoice? Tarball { get; init; }

    /// <summary>The job servers that led to the hosts.</summary>
    public required IReadOnlyList<string> JobServers { get; init; }

    /// <summary>The primary first.</summary>
    public required IReadOnlyList<DeployedNode> Nodes { get; init; }

    /// <summary>Null when there is none.</summary>
    internal static DeploymentJournal? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var journal = JsonSerializer.Deserialize(File.ReadAllText(path), DeploymentJson.Default.DeploymentJournal)
                ?? throw new DeploymentException(DeploymentProblem.Storage, $"{path} is empty");
            return journal.Format == FormatNow ? journal : throw new DeploymentException(
                DeploymentProblem.Storage, $"{path} was written by a newer version (format {journal.Format}, known is {FormatNow})");
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException failure)
        {
            throw new DeploymentException(DeploymentProblem.Storage, $"{path} can't be read: {failure.Message}", failure);
        }
    }
}
