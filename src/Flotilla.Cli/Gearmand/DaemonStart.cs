using System.Diagnostics;

namespace Flotilla.Cli.Gearmand;

/// <summary>
/// Starting in the background: the first process starts itself again, waits until that one listens or fails, and exits. The second one
/// leaves session and terminal, reports over its standard output, then lets go of all three streams.
/// </summary>
internal static class DaemonStart
{
    /// <summary>Set for the second process only.</summary>
    public const string Marker = "FLOTILLA_DAEMON_CHILD";

    private const string Ready = "ready";

    public static bool IsSecondProcess => Environment.GetEnvironmentVariable(Marker) == "1";

    /// <summary>In the first process: returns its exit code.</summary>
    public static int StartSecondProcess(IReadOnlyList<string> arguments, TextWriter error)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        if (Path.GetFileName(start.FileName) != "gearmand")
            start.ArgumentList.Add("gearmand");
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[Marker] = "1";
        using var second = Process.Start(start) ?? throw new InvalidOperationException("the second process did not start");
        second.StandardInput.Close();
        var said = second.StandardOutput.ReadLine();
        if (said == Ready)
            return 0;
        error.Write(second.StandardError.ReadToEnd());
        second.WaitForExit();
        return 1;
    }

    /// <summary>In the second process, before anything else.</summary>
    public static void LeaveSession()
    {
        Environment.SetEnvironmentVariable(Marker, null);
        Libc.BecomeSessionLeader();
    }

    /// <summary>In the second process, once it listens.</summary>
    public static void ReportReady()
    {
        var output = Console.OpenStandardOutput();
        output.Write("ready\n"u8);
        output.Flush();
        Libc.DetachStandardStreams();
    }
}
