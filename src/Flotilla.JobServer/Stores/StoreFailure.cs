using Flotilla.Disk;

namespace Flotilla.JobServer.Stores;

/// <summary>What goes wrong with a store's files, in words for an operator.</summary>
internal static class StoreFailure
{
    public static StoreFileException Explain(string what, string path, Exception problem)
        => new($"can't {what} {path}: {Words(path, problem)}", DiskCalls.IsDiskFull(problem), problem);

    /// <summary>The runtime's words name the path again, or hide what is the matter.</summary>
    private static string Words(string path, Exception problem) => problem switch
    {
        UnauthorizedAccessException => "this user may not",
        FileNotFoundException or DirectoryNotFoundException when Path.GetDirectoryName(path) is { } parent && Directory.Exists(parent)
            => $"{parent} takes no files or folders of ours",
        FileNotFoundException or DirectoryNotFoundException => "there is no such place",
        IOException when File.Exists(path) && problem.Message.Contains("already exists", StringComparison.Ordinal) => "there is a file of that name",
        _ => problem.Message,
    };
}
