namespace Flotilla.Cli.Commands;

/// <summary>A file whose first line is a secret.</summary>
internal static class SecretFile
{
    public static string Read(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault("").Trim() is { Length: > 0 } first
                ? first
                : throw new CliException(ExitCode.Failed, $"{path} begins with an empty line where the secret must stand");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"the secret can't be read: {problem.Message}", "--secret-file names a file whose first line is the secret, and that this user may read.");
        }
    }
}
