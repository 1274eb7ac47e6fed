using Flotilla.JobServer;
using Flotilla.JobServer.Stores;

namespace Flotilla.Node;

/// <summary>Where background jobs survive a restart. Immutable.</summary>
public sealed record StoreOptions
{
    /// <summary>Default File: a background job is acknowledged when it is on disk.</summary>
    public StoreKind Kind { get; init; } = StoreKind.File;

    /// <summary>
    /// The folder of the file store, or the file of SQLite. Default none: below /var/lib/flotilla for root, else below .local/state/flotilla
    /// in the user's home.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Size of the file store's segments, 4 KiB to 1 GiB, default 16 MiB.</summary>
    public int SegmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        if (Kind == StoreKind.Memory)
            return Path is null ? [] : [$"{nameof(Path)} says where, but {nameof(Kind)} is memory"];
        return Kind == StoreKind.File ? new FileJobStoreOptions { Folder = PathOrDefault(), SegmentBytes = SegmentBytes }.Validate() : [];
    }

    /// <summary>The store, not yet opened; null for memory.</summary>
    public IJobStore? Create(Action<string>? warn = null) => Kind switch
    {
        StoreKind.File => new FileJobStore(new FileJobStoreOptions { Folder = PathOrDefault(), SegmentBytes = SegmentBytes, Warn = warn }),
        StoreKind.Sqlite => new SqliteJobStore(PathOrDefault()),
        StoreKind.Memory => null,
        _ => throw new ArgumentOutOfRangeException(nameof(warn), Kind, "unknown kind of store"),
    };

    private string PathOrDefault()
    {
        if (Path is not null)
            return Path;
        var folder = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows()
            ? "/var/lib/flotilla"
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state", "flotilla");
        return System.IO.Path.Combine(folder, Kind == StoreKind.Sqlite ? "jobs.sqlite" : "jobs");
    }
}
