using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>A sandbox's journal, <c>sandbox.json</c> in its folder: what was asked for, what was decided, how far it is.</summary>
public sealed record SandboxRecord
{
    public const string FileName = "sandbox.json";
    private const int FormatNow = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>1; a later one is refused.</summary>
    public int Format { get; init; } = FormatNow;

    public required string Name { get; init; }

    public required SandboxState State { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required SandboxSpec Spec { get; init; }

    public required IReadOnlyList<SandboxNode> Nodes { get; init; }

    internal static SandboxRecord? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var record = JsonSerializer.Deserialize<SandboxRecord>(File.ReadAllText(path), Json)
                ?? throw new SandboxException(SandboxProblem.Storage, $"{path} is empty");
            return record.Format == FormatNow ? record : throw new SandboxException(
                SandboxProblem.Storage, $"{path} was written by a newer version (format {record.Format}, known is {FormatNow})");
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException failure)
        {
            throw new SandboxException(SandboxProblem.Storage, $"{path} can't be read: {failure.Message} Mend it, or remove the folder if the sandbox is of no use.", failure);
        }
    }

    /// <summary>On disk, whole or not at all, when it returns.</summary>
    internal void Write(string folder) => SafeFile.Write(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n", SafeFile.Public);

    /// <summary>Whether another request asks for the same. Where tools were found, or that the server was updated meanwhile, is no matter of it.</summary>
    internal bool IsOf(SandboxSpec spec) => Essence(spec) == Essence(Spec);

    private string Essence(SandboxSpec spec) => JsonSerializer.Serialize(
        spec with
        {
            Name = Name,
            Server = spec.Server with { Version = default, VersionText = "", Client = "", Admin = "", Binlog = null, ToolFolders = [], LibraryFolders = [], SystemTables = [] },
        },
        Json);
}
