using Flotilla.Cli.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Launcher;

/// <summary>The same command lines given to C gearmand and to our launcher.</summary>
public sealed class CommandLineDifferenceTests
{
    private const int AtOnce = 3;

    [Fact]
    [Trait("tier", "full")]
    public async Task BothEndWithTheSameExitCode()
    {
        var gearmand = CPeer.Gearmand();
        using var folder = new TempFolder();
        var lines = File.ReadAllLines(Repository.Combine("tests", "Flotilla.Cli.Tests", "Launcher", "command-lines.txt"))
            .Where(line => line.Length > 0 && line[0] != '#').ToList();
        var differences = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(lines, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (line, _) =>
        {
            var isExcused = line.Contains(" | ", StringComparison.Ordinal);
            var words = (isExcused ? line.Split(" | ")[1] : line).Split(' ');
            var theirs = await CodeAsync(gearmand, words, folder.Path);
            var ours = await CodeAsync(Run.GearmandPath, words, folder.Path);
            if (ours is not 0 and not 1)
                differences.Add($"{line}: ours ends with {ours}, gearmand knows only 0 and 1");
            else if (!isExcused && ours != theirs)
                differences.Add($"{line}: theirs {theirs}, ours {ours}");
        });
        Assert.Empty(differences);
    }

    private static async Task<int> CodeAsync(string program, string[] words, string folder)
    {
        using var process = Run.Start(program, words, folder: folder);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline.Default);
        }
        catch (TimeoutException late)
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', words)} serves where it should end", late);
        }

        await Task.WhenAll(errors, output);
        return process.ExitCode;
    }
}
