using System.Diagnostics;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Peers;

/// <summary>The programs that eng/peers/fetch.sh brings. A test that needs one skips with the line to run when it is missing.</summary>
internal static class Peer
{
    private static readonly Lazy<bool> Fetched = new(Fetch);

    public static string Gearmand => Program("gearmand");

    public static string Php => Program("php");

    /// <summary>Skips the calling test unless everything is there, fetching it first where this user may.</summary>
    public static void Require() => Assert.SkipUnless(Fetched.Value, "peers are missing; run eng/peers/fetch.sh");

    private static string Program(string name)
    {
        Require();
        return Repository.Combine(".tools", "peers", "bin", name);
    }

    private static bool Fetch()
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Combine("eng", "peers", "fetch.sh")) { UseShellExecute = false, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            Console.Error.WriteLine(errors);
        return process.ExitCode == 0;
    }
}
