using System.Diagnostics;

namespace Flotilla.Bench.Jobs;

/// <summary>Compiles the C programs below benchmarks/load.</summary>
internal static class LoadPrograms
{
    private static readonly Lazy<string> Output = new(Compile);

    public static string Generator => Path.Combine(Output.Value, "gearload");

    public static string Ceiling => Path.Combine(Output.Value, "ceiling");

    private static string Compile()
    {
        var output = Repository.Combine(".artifacts", "load");
        Directory.CreateDirectory(output);
        foreach (var program in new[] { "gearload", "ceiling" })
        {
            string[] arguments = ["-O2", "-Wall", "-o", Path.Combine(output, program), Repository.Combine("benchmarks", "load", program + ".c")];
            using var compiler = Process.Start("gcc", arguments);
            compiler.WaitForExit();
            if (compiler.ExitCode != 0)
                throw new InvalidOperationException($"gcc could not build {program}.c");
        }

        return output;
    }
}
