namespace Flotilla.TestSupport;

/// <summary>Finds files of the checkout that the tests were built from.</summary>
public static class Repository
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

        throw new InvalidOperationException("Flotilla.slnx is in no folder above the test binaries");
    }
}
