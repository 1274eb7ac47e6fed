namespace Flotilla.Gearman;

/// <summary>How a <see cref="GearmanClient"/> works.</summary>
public sealed record GearmanClientOptions : GearmanOptions
{
    /// <summary>Which server is asked first. Default <see cref="ServerSelection.InOrder"/>.</summary>
    public ServerSelection Selection { get; init; } = ServerSelection.InOrder;

    /// <summary>
    /// How long a call looks for a server that lives, waiting for the back-off of dead ones. Default 5 s; zero tries each server once.
    /// </summary>
    public TimeSpan FailoverTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What happens to jobs whose connection is lost. Default <see cref="ResubmitPolicy.UntilAccepted"/>.</summary>
    public ResubmitPolicy Resubmit { get; init; } = ResubmitPolicy.UntilAccepted;

    /// <summary>How often one job may be submitted again. Default 3; 0 or more.</summary>
    public int MaxResubmits { get; init; } = 3;

    /// <summary>
    /// Options asked of each server when connecting. Default <c>exceptions</c>: workers' exceptions arrive as such, not as plain failures.
    /// An option that a server does not know is logged and otherwise ignored.
    /// </summary>
    public IReadOnlyList<string> ServerOptions { get; init; } = ["exceptions"];

    /// <summary>
    /// Bytes of updates of one job that may wait for their reader, 64 more counted for each; more ends the wait for that job. Default
    /// 256 MiB; at least 4 KiB.
    /// </summary>
    public long MaxJobBufferBytes { get; init; } = 256 * 1024 * 1024;

    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (FailoverTimeout < TimeSpan.Zero)
            yield return "FailoverTimeout must not be negative";
        if (MaxResubmits < 0)
            yield return "MaxResubmits must not be negative";
        if (MaxJobBufferBytes < 4096)
            yield return "MaxJobBufferBytes must be at least 4096";
        if (ServerOptions.Any(option => option.Length == 0 || option.Contains('\0')))
            yield return "ServerOptions must not be empty words nor hold a zero byte";
    }
}
