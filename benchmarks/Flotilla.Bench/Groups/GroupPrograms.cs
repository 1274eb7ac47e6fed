using System.Diagnostics;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>What the groups' cases start.</summary>
internal static class GroupPrograms
{
    private static readonly Lazy<string> s_cpgProbe = new(Compile);

    public static string Corosync => Repository.Combine(".tools", "peers", "corosync", "usr", "sbin", "corosync");

    /// <summary>The member of a corosync group, in C.</summary>
    public static string CpgProbe => s_cpgProbe.Value;

    /// <summary>This program again, as a member of one of our groups.</summary>
    public static IEnumerable<string> OwnProbe => ["dotnet", Path.Combine(AppContext.BaseDirectory, "Flotilla.Bench.dll"), GroupProbe.Verb];

    private static string Compile()
    {
        var output = Repository.Combine(".artifacts", "load");
        Directory.CreateDirectory(output);
        var program = Path.Combine(output, "cpgprobe");
        using var compiler = Process.Start("gcc", ["-O2", "-Wall", "-o", program, Repository.Combine("benchmarks", "groups", "cpgprobe.c"), "-lcpg"]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? program : throw new BenchException("gcc could not build cpgprobe.c: is libcpg-dev installed?");
    }
}
