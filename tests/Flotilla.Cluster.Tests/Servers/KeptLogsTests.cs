using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>What a crash recovery may take away is copied before.</summary>
public sealed class KeptLogsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-kept-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Kept => Path.Combine(_folder, "errant");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheEndOfTheBinaryLogIsCopiedAndNotTheRelayLog()
    {
        Log("mysql-bin", files: 3);
        Log("a-relay", files: 2, flags: 0x40);
        Assert.True(Keep("db-a"));
        Assert.Equal(["mysql-bin.000002", "mysql-bin.000003"], Names("db-a").Select(name => name[^16..]));
        Assert.Equal(File.ReadAllBytes(Path.Combine(Data, "mysql-bin.000003")), File.ReadAllBytes(Path.Combine(Kept, Names("db-a")[^1])));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Kept, Names("db-a")[0])));
    }

    /// <summary>Then recovery must take away nothing.</summary>
    [Fact]
    public void ALogInAnotherFolderCannotBeKept()
    {
        Log("a-relay", files: 2, flags: 0x40);
        Assert.False(Keep("db-a"));
    }

    [Fact]
    public void TheCopiesOfTheLastStartsAreKeptAndWhatIsOthersStays()
    {
        Log("mysql-bin", files: 2);
        Directory.CreateDirectory(Kept);
        string[] others = ["db-a-b-20260101T000000000Z-mysql-bin.000001", "db-a-epoch3-20260101T000000000Z.sql"];
        foreach (var other in others)
            File.WriteAllText(Path.Combine(Kept, other), "");
        for (var day = 1; day <= KeptLogs.FilesMax; day++)
            File.WriteAllText(Path.Combine(Kept, $"db-a-202501{day:00}T000000000Z-mysql-bin.000001"), "");
        File.WriteAllText(Path.Combine(Kept, "db-a-20250111T000000000Z-mysql-bin.000001.new"), "");

        Assert.True(Keep("db-a"));
        var names = Names("db-a").Except(others).ToList();
        Assert.Equal(KeptLogs.FilesMax, names.Count);
        Assert.Equal("db-a-20250103T000000000Z-mysql-bin.000001", names[0]);
        Assert.DoesNotContain(names, name => name.EndsWith(".new", StringComparison.Ordinal));
        Assert.All(others, other => Assert.True(File.Exists(Path.Combine(Kept, other))));
    }

    private bool Keep(string server) => new KeptLogs(Kept, new ServerName(server)).Keep(new DataFolder(Data));

    private List<string> Names(string server) => [.. Directory.GetFiles(Kept, server + "-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Log(string name, int files, byte flags = 1)
    {
        Directory.CreateDirectory(Data);
        var all = Enumerable.Range(1, files).Select(number => $"{name}.00000{number}").ToList();
        File.WriteAllLines(Path.Combine(Data, name + ".index"), all.Select(file => "./" + file));
        foreach (var file in all)
            File.WriteAllBytes(Path.Combine(Data, file), [0xfe, (byte)'b', (byte)'i', (byte)'n', .. new byte[17], flags, 0, (byte)file[^1]]);
    }
}
