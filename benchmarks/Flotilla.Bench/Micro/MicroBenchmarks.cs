using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Flotilla.Bench.Micro;

/// <summary>Starts BenchmarkDotNet, in this process: the version in use does not know how to build projects for our runtime.</summary>
internal static class MicroBenchmarks
{
    public static void Run(string[] arguments)
    {
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Jobs.Repository.Combine("BenchmarkDotNet.Artifacts"));
        BenchmarkSwitcher.FromAssembly(typeof(MicroBenchmarks).Assembly).Run(arguments.Length == 0 ? ["--filter", "*"] : arguments, config);
    }
}
