namespace Flotilla.Bench.Jobs;

/// <summary>What the load generator prints: see benchmarks/load/gearload.c.</summary>
/// <param name="Jobs">Jobs done while it measured.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Rate">Jobs per second.</param>
/// <param name="P50Us">Median latency.</param>
/// <param name="P99Us">99th percentile of the latency.</param>
/// <param name="CpuUsPerJob">CPU of the server, user and system, all threads.</param>
/// <param name="RssBeforeKb">Resident memory of the server before.</param>
/// <param name="RssAfterKb">Resident memory of the server after.</param>
internal sealed record LoadResult(
    long Jobs, double Seconds, double Rate, double P50Us, double P99Us, double CpuUsPerJob, double RssBeforeKb, double RssAfterKb);
