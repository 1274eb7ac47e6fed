namespace Flotilla.Bench.Jobs;

/// <summary>Finds files of the checkout.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Combine(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Flotilla.slnx")))
                return folder;
        }

        throw new InvalidOperationException("Flotilla.slnx is in no folder above the benchmark's binaries");
    }
}
