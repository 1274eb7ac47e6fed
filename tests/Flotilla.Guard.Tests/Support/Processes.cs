using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Guard.Tests.Support;

/// <summary>Other processes.</summary>
internal static class Processes
{
    public static bool IsAlive(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[text.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A line of <c>/proc/PID/status</c>.</summary>
    public static string Status(int process, string name)
        => File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    /// <summary>The processor time it used, in hundredths of a second.</summary>
    public static int Ticks(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fields[11], CultureInfo.InvariantCulture) + int.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a signal by its name.</summary>
    public static void Signal(int process, string signal) => Assert.Equal(0, Run("/bin/kill", "-" + signal, process.ToString(CultureInfo.InvariantCulture)).Code);

    public static (int Code, string Output) Run(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = run.StandardError.ReadToEndAsync();
        var output = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        return (run.ExitCode, output + errors.Result);
    }
}
