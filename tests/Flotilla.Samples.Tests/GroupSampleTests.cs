using System.Diagnostics;
using Flotilla.TestSupport;

namespace Flotilla.Samples.Tests;

/// <summary>The samples of groups do what their READMEs say.</summary>
public sealed class GroupSampleTests
{
    /// <summary>Compiling ahead of time takes a minute on an idle machine, and ten beside much else.</summary>
    private static readonly TimeSpan s_publishPatience = TimeSpan.FromMinutes(15);

    [Fact]
    [Trait("tier", "full")]
    public async Task ThreeChatSeeTheSameLinesAndGoOnWhenOneIsKilled()
    {
        var (first, second, third) = ($"127.0.0.1:{FreePort.Next()}", $"127.0.0.1:{FreePort.Next()}", $"127.0.0.1:{FreePort.Next()}");
        await using var ann = Sample.Start("GroupChat", "ann", first);
        await ann.SaysAsync("ann\n");
        await ann.TypeAsync("is anybody there?");
        await ann.SaysAsync("ann: is anybody there?");
        await using var bob = Sample.Start("GroupChat", "bob", second, first);
        await bob.SaysAsync("ann: is anybody there?");
        await using var cy = Sample.Start("GroupChat", "cy", third, first, second);
        await cy.SaysAsync(": ann, bob, cy\n");
        await bob.TypeAsync("bob is");
        await cy.SaysAsync("bob: bob is");
        await ann.SaysAsync("bob: bob is");

        ann.Kill();

        await cy.SaysAsync(": bob, cy\n");
        await cy.TypeAsync("who is left?");
        await bob.SaysAsync("cy: who is left?");
        await cy.TypeAsync("/who");
        await cy.SaysAsync("here are bob, cy");
        await cy.TypeAsync("/quit");
        Assert.Equal(0, await cy.EndAsync());
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task ThreeNodesCompiledAheadOfTimeRunAndNothingWasWarnedOf()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-aot-");
        try
        {
            var runtime = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;
            var (code, output) = await RunAsync(
                "dotnet",
                ["publish", Repository.Combine("samples", "GroupsAot"), "-c", "Release", "-r", runtime, "-p:PublishAot=true", "-nologo", "-v", "q", "-nodeReuse:false", "-o", folder.FullName],
                s_publishPatience);
            Assert.True(code == 0, output);
            Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);

            (code, output) = await RunAsync(Path.Combine(folder.FullName, "GroupsAot"), [], Deadline.Default * 3);

            Assert.True(code == 0, output);
            Assert.Contains("three nodes counted 5050, 5050, 5050", output, StringComparison.Ordinal);
            Assert.Contains("two go on in epoch", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, TimeSpan patience)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }
}
