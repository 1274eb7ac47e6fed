using System.Text;
using System.Text.Json;
using Flotilla.Gearman;
using Flotilla.Samples.LogAnalysis;

// Fans the lines of a web server's log out to workers, batch by batch, and merges what they counted.
const int LinesPerJob = 1000;
const int JobsAtOnce = 8;

if (args is not [var address, var path] || !GearmanAddress.TryParse(address, out var server) || !File.Exists(path))
{
    Console.Error.WriteLine("usage: LogAnalysis ADDRESS FILE");
    return 64;
}

await using var worker = new GearmanWorker(server);
worker.Register(Counter.Function, Counter.RunAsync);
await worker.StartAsync();

await using var client = new GearmanClient(server);
var total = new Summary();
// No more than some batches are under way, however long the file is.
var options = new ParallelOptions { MaxDegreeOfParallelism = JobsAtOnce };
await Parallel.ForEachAsync(Batches(path), options, async (batch, cancellationToken) =>
{
    var result = await client.SubmitAsync(Counter.Function, batch, cancellationToken);
    var part = JsonSerializer.Deserialize(result.Payload.Span, SummaryJson.Default.Summary)!;
    lock (total)
        total.Add(part);
});

Console.WriteLine($"{total.Requests} requests, {total.Bytes} bytes, {total.Unreadable} lines unreadable");
foreach (var (status, count) in total.ByStatus.OrderBy(entry => entry.Key, StringComparer.Ordinal))
    Console.WriteLine($"status {status}: {count}");
foreach (var (page, count) in total.ByPath.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal).Take(10))
    Console.WriteLine($"{count,8} {page}");
return 0;

static async IAsyncEnumerable<byte[]> Batches(string path)
{
    var batch = new StringBuilder();
    var lines = 0;
    await foreach (var line in File.ReadLinesAsync(path))
    {
        batch.Append(line).Append('\n');
        if (++lines % LinesPerJob != 0)
            continue;
        yield return Encoding.UTF8.GetBytes(batch.ToString());
        batch.Clear();
    }

    if (batch.Length > 0)
        yield return Encoding.UTF8.GetBytes(batch.ToString());
}
