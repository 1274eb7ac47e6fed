namespace Flotilla.JobServer.Core.Tests;

/// <summary>The machine against the model, under long runs of random inputs; a failure names its seed.</summary>
public sealed class ModelTests
{
    [Fact]
    public void MachineAndModelAgree() => Run(firstSeed: 1, seeds: 30, steps: 1500);

    [Fact]
    [Trait("tier", "full")]
    public void MachineAndModelAgreeForLong() => Run(firstSeed: 1000, seeds: 120, steps: 4000);

    private static void Run(int firstSeed, int seeds, int steps)
    {
        for (var seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            try
            {
                new ModelRun((ulong)seed).Run(steps);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }
        }
    }
}
