namespace Flotilla.Guard;

/// <summary>This program, to start it once more, and the one that it needs.</summary>
internal static class OwnProgram
{
    /// <summary>The word after <see cref="GuardCommand.Name"/> that makes it a launcher.</summary>
    public const string ExecWord = "exec";

    /// <summary>What the guard's own runtime is told, and its server must not be: a small heap, one thread, nothing in the background, nothing in /tmp.</summary>
    public static IReadOnlyDictionary<string, string> RuntimeSettings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_GCHeapHardLimit"] = "2000000",
        ["DOTNET_TieredCompilation"] = "0",
        ["DOTNET_EnableDiagnostics"] = "0",
    };

    /// <summary>The words that start this program.</summary>
    public static IReadOnlyList<string> Command { get; } = FindCommand();

    /// <summary>The environment without what was meant for the guard, or for its node: there may be secrets in that. As <c>NAME=VALUE</c>.</summary>
    public static IReadOnlyList<string> ServerEnvironment()
    {
        var result = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var (name, value) = ((string)entry.Key, (string?)entry.Value);
            if (!name.StartsWith("FLOTILLA_", StringComparison.Ordinal) && (!RuntimeSettings.TryGetValue(name, out var own) || own != value))
                result.Add($"{name}={value}");
        }

        return result;
    }

    /// <summary>Where <c>setpriv</c> of util-linux is; null when it is not. That of busybox knows no parent death signal.</summary>
    public static string? FindSetPriv()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, "setpriv"))
            .FirstOrDefault(path => File.Exists(path) && Path.GetFileName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName) is not "busybox");
    }

    private static string[] FindCommand()
    {
        var program = Environment.ProcessPath ?? throw new PlatformNotSupportedException();
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, "exec", Environment.GetCommandLineArgs()[0]] : [program];
    }
}
