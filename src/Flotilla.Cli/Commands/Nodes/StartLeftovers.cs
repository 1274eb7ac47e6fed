using System.Runtime.InteropServices;

namespace Flotilla.Cli.Commands.Nodes;

/// <summary>What the start of a process leaves behind: a node is a guest on a database's host, and gives it back.</summary>
internal static class StartLeftovers
{
    /// <summary>By then the cluster is found, and what is hot is compiled.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(30);

    /// <summary>Once, when the start is long over.</summary>
    public static async Task GiveBackAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.Delay(s_settled, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (cancellationToken.IsCancellationRequested)
            return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Not with this C library.
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int malloc_trim(nint pad);
}
