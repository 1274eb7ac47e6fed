using System.Text;
using Flotilla.Gearman;
using Flotilla.Samples.WordCount;

// Counts words of all files in a folder: one map job per file, one reduce job per share of the words, all in parallel.
if (args is not [var address, var folder] || !GearmanAddress.TryParse(address, out var server) || !Directory.Exists(folder))
{
    Console.Error.WriteLine("usage: WordCount ADDRESS FOLDER");
    return 64;
}

// Workers may run anywhere; here they share the process, so that the sample needs nothing but a job server.
await using var worker = new GearmanWorker(server);
worker.Register(Map.Function, Map.RunAsync);
worker.Register(Reduce.Function, Reduce.RunAsync);
await worker.StartAsync();

await using var client = new GearmanClient(server);
var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
var mapped = await Task.WhenAll(files.Select(async file =>
{
    var result = await client.SubmitAsync(Map.Function, await File.ReadAllBytesAsync(file));
    return result.Data;
}));

// Each map job sent its words in as many parts as there are reduce jobs; equal words are in the same part everywhere.
var reduced = await Task.WhenAll(Enumerable.Range(0, Map.Parts).Select(async part =>
{
    var lines = new MemoryStream();
    foreach (var parts in mapped)
        lines.Write(parts[part].Span);
    return (await client.SubmitAsync(Reduce.Function, lines.ToArray())).Text;
}));

var counts = reduced.SelectMany(Counts.Parse).OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).ToList();
var output = new StringBuilder();
foreach (var (word, count) in counts)
    output.Append($"{count,8} {word}\n");
Console.Write(output);
Console.WriteLine($"{counts.Sum(count => count.Value)} words, {counts.Count} different, in {files.Count} files");
return 0;
