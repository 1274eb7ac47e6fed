namespace Flotilla.JobServer.Http;

/// <summary>Limits of the HTTP front. Immutable; shared by all its connections.</summary>
public sealed record HttpFrontOptions
{
    /// <summary>
    /// Request line and header fields together, in bytes; 1 KiB to 1 MiB, default 16 KiB. A longer head is answered 431. Each idle
    /// half-sent request may hold this much memory.
    /// </summary>
    public int MaxHeadBytes { get; init; } = 16 * 1024;

    /// <summary>Header fields per request; 8 to 10,000, default 100. More are answered 431.</summary>
    public int MaxFields { get; init; } = 100;

    /// <summary>
    /// A request's body in bytes; 0 to 1000 MiB, default 64 MiB less what a packet's other arguments need. A longer one is answered 413,
    /// before it is read where its length is announced.
    /// </summary>
    public int MaxBodyBytes { get; init; } = 64 * 1024 * 1024 - 4096;

    /// <summary>
    /// Memory for the bodies of requests that are not complete yet, over all connections, in bytes; 1 MiB or more; 0, the default, is a
    /// sixteenth of what the process may use. A request that would need more is answered 503 and its connection closed; one that is
    /// shorter than a kibibyte always gets through.
    /// </summary>
    public long MaxBodiesBytes { get; init; }

    /// <summary>
    /// How much partial data (WORK_DATA) is gathered for a client that speaks HTTP/1.0 and so cannot take it in chunks, in bytes; default
    /// 16 MiB. More is answered 500.
    /// </summary>
    public int MaxGatheredBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Function names are at most this long after decoding, in bytes; 1 to 4096, default 512. Longer ones are answered 414.</summary>
    public int MaxFunctionBytes { get; init; } = 512;

    /// <summary>
    /// Whether requests sent by web pages (they carry Origin or Sec-Fetch-Site) submit jobs; default false: any page that someone on this
    /// machine visits could submit jobs otherwise. Refused with 403.
    /// </summary>
    public bool AllowWebPages { get; init; }

    /// <summary>All that is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (MaxHeadBytes is < 1024 or > 1024 * 1024)
            problems.Add($"{nameof(MaxHeadBytes)} must be 1024 to 1048576 bytes, is {MaxHeadBytes}");
        if (MaxFields is < 8 or > 10_000)
            problems.Add($"{nameof(MaxFields)} must be 8 to 10000, is {MaxFields}");
        if (MaxBodyBytes is < 0 or > 1000 * 1024 * 1024)
            problems.Add($"{nameof(MaxBodyBytes)} must be 0 to 1048576000 bytes, is {MaxBodyBytes}");
        if (MaxBodiesBytes is not 0 and < 1024 * 1024)
            problems.Add($"{nameof(MaxBodiesBytes)} must be 0 or at least 1048576 bytes, is {MaxBodiesBytes}");
        if (MaxGatheredBytes < 0)
            problems.Add($"{nameof(MaxGatheredBytes)} must not be negative, is {MaxGatheredBytes}");
        if (MaxFunctionBytes is < 1 or > 4096)
            problems.Add($"{nameof(MaxFunctionBytes)} must be 1 to 4096 bytes, is {MaxFunctionBytes}");
        return problems;
    }
}
