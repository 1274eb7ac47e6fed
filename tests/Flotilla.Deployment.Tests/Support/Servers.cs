using System.Diagnostics;
using Flotilla.TestSupport;

namespace Flotilla.Deployment.Tests.Support;

/// <summary>The real servers that eng/peers/fetch.sh unpacks.</summary>
internal static class Servers
{
    private static readonly Lazy<bool> Fetched = new(Fetch);

    public static string MariaDb => From("mariadb", "usr");

    public static string MySql => From("mysql56");

    private static string From(params string[] folder)
    {
        Assert.SkipUnless(Fetched.Value, "peers are missing; run eng/peers/fetch.sh");
        return Repository.Combine([".tools", "peers", .. folder]);
    }

    private static bool Fetch()
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Combine("eng", "peers", "fetch.sh"))
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _ = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
