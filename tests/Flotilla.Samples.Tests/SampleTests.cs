using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Flotilla.JobServer;
using Flotilla.TestSupport;

namespace Flotilla.Samples.Tests;

/// <summary>Each sample does what its README says, with our own server.</summary>
public sealed partial class SampleTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("flotilla-samples-");
    private JobServerHost _server = null!;

    private string Address => _server.Endpoints[0].ToString()!;

    public async ValueTask InitializeAsync()
        => _server = await JobServerHost.StartAsync(new JobServerOptions
        {
            Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }],
        });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task ReverseReversesAndTheWorkerStopsWhenTold()
    {
        await using var worker = Sample.Start("Reverse", Address, "work");
        Assert.Equal("namraeG olleH\n", await Sample.RunAsync("Reverse", Address, "ask", "Hello", "Gearman"));
        Assert.Equal("e\u0301tio\n", await Sample.RunAsync("Reverse", Address, "ask", "oite\u0301"));
        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Contains("finished what was begun", worker.Output);
    }

    [Fact]
    public async Task ReverseExplainsItselfWhenCalledWrongly()
    {
        await using var sample = Sample.Start("Reverse");
        Assert.Equal(64, await sample.EndAsync());
        Assert.StartsWith("usage: ", sample.Output);
    }

    [Fact]
    public async Task WordCountCountsTheWordsOfAllFiles()
    {
        string[] words = ["gearman", "flotilla", "don't", "über", "x", "42"];
        var random = new Random(3);
        var expected = new Dictionary<string, int>();
        for (var file = 0; file < 7; file++)
        {
            var text = new StringBuilder();
            for (var i = 0; i < 200; i++)
            {
                var word = words[(int)Math.Sqrt(random.Next(words.Length * words.Length))];
                expected[word] = expected.GetValueOrDefault(word) + 1;
                text.Append(i % 2 == 0 ? word.ToUpperInvariant() : word).Append(i % 3 == 0 ? ", " : "\n");
            }

            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, $"{file}.txt"), text.ToString());
        }

        var output = await Sample.RunAsync("WordCount", Address, _folder.FullName);
        var lines = expected.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => $"{entry.Value,8} {entry.Key}\n");
        Assert.Equal(string.Concat(lines) + "1400 words, 6 different, in 7 files\n", output);
    }

    [Fact]
    public async Task LogAnalysisMergesWhatItsWorkersCounted()
    {
        var path = Path.Combine(_folder.FullName, "access.log");
        var lines = Enumerable.Range(0, 5000).Select(i => i % 500 == 499
            ? "this is no log line"
            : $"10.0.0.{i % 9} - - [21/Nov/2026:10:00:00 +0000] \"GET /page{i % 3}?q={i} HTTP/1.1\" {(i % 10 == 0 ? 404 : 200)} {(i % 4 == 0 ? "-" : "100")}");
        await File.WriteAllLinesAsync(path, lines);
        var output = await Sample.RunAsync("LogAnalysis", Address, path);
        Assert.StartsWith("4990 requests, 374000 bytes, 10 lines unreadable\nstatus 200: 4490\nstatus 404: 500\n", output);
        Assert.Equal(4990, PageLine().Matches(output).Sum(line => int.Parse(line.Groups["count"].Value)));
    }

    [Fact]
    public async Task MailQueueDeliversEachMessageOnce()
    {
        var spool = Path.Combine(_folder.FullName, "spool");
        var recipients = Path.Combine(_folder.FullName, "recipients.txt");
        await File.WriteAllLinesAsync(recipients, Enumerable.Range(0, 250).Select(i => i == 7 ? "nobody" : $"user{i}@mail.example"));
        await using var worker = Sample.Start("MailQueue", Address, "work", spool);
        var output = await Sample.RunAsync("MailQueue", Address, "send", "Welcome", recipients);
        // A client that reads late sees the latest progress only.
        Assert.Matches(@"^left out: nobody\n(100 of 250 queued\n)?(200 of 250 queued\n)?250 of 250 queued\nWelcome: queued\n$", output);
        await Sample.RunAsync("MailQueue", Address, "send", "Welcome", recipients);
        await Deadline.UntilAsync(
            async () => (await _server.ExecuteAdminAsync("status")).Split('\n').Contains("mail-deliver\t0\t0\t1"), "the queue is empty");
        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Equal(249, Directory.GetFiles(spool).Length);
        Assert.Contains(Directory.GetFiles(spool), file => File.ReadAllText(file).Contains("To: user249@mail.example\nSubject: Welcome\n"));
    }

    [GeneratedRegex(@"^ *(?<count>\d+) /page", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PageLine();
}
