namespace Flotilla.Sandbox.Tests.Support;

/// <summary>Runs generated scripts as a user would: by their path, from elsewhere.</summary>
internal static class Shell
{
    /// <summary>More than the slowest script takes on a loaded machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task<ProgramRun> RunAsync(string script, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await ProgramRun.RunAsync(script, arguments, [], patience.Token, folder: "/");
    }

    /// <summary>Its output; fails when it does not end with 0.</summary>
    public static async Task<string> MustAsync(string script, params string[] arguments)
    {
        var run = await RunAsync(script, arguments);
        Assert.True(run.Code == 0, $"{script} {string.Join(' ', arguments)} ended with {run.Code}\n{run.Output}\n{run.Errors}");
        return run.Output;
    }
}
