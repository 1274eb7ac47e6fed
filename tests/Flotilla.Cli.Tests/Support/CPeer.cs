using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Support;

/// <summary>C gearmand as eng/peers/fetch.sh brings it.</summary>
internal static class CPeer
{
    private static readonly Lazy<bool> Fetched = new(Fetch);

    /// <summary>Its program; skips the calling test where it can't be had.</summary>
    public static string Gearmand() => Program("gearmand");

    /// <summary>Any of the programs; skips the calling test where it can't be had.</summary>
    public static string Program(string name)
    {
        Assert.SkipUnless(Fetched.Value, "peers are missing; run eng/peers/fetch.sh");
        return Repository.Combine(".tools", "peers", "bin", name);
    }

    public static bool Accepts(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool Fetch()
    {
        using var process = Process.Start(new ProcessStartInfo(Repository.Combine("eng", "peers", "fetch.sh"))
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
