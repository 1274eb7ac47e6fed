using System.Runtime.InteropServices;
using System.Text;
using Flotilla.Gearman;

// The hello world of Gearman: a worker that reverses text, and a client that asks for it.
const string Function = "reverse";

if (args is not [var address, .. var rest] || rest.Length == 0 || !GearmanAddress.TryParse(address, out var server))
{
    Console.Error.WriteLine("usage: Reverse ADDRESS work | Reverse ADDRESS ask TEXT...");
    return 64;
}

return rest switch
{
    ["work"] => await WorkAsync(),
    ["ask", .. var words] when words.Length > 0 => await AskAsync(string.Join(' ', words)),
    _ => 64,
};

async Task<int> WorkAsync()
{
    using var stop = new CancellationTokenSource();
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

    await using var worker = new GearmanWorker(server);
    worker.Register(Function, (job, _) =>
    {
        Console.WriteLine($"{job.Handle}: {job.Text}");
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(Reversed(job.Text)));
    });
    var running = worker.RunAsync(stop.Token);
    Console.WriteLine($"working for {server}, stop with Ctrl+C");
    await running;
    Console.WriteLine("finished what was begun");
    return 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}

async Task<int> AskAsync(string text)
{
    await using var client = new GearmanClient(server);
    var result = await client.SubmitAsync(Function, Encoding.UTF8.GetBytes(text));
    Console.WriteLine(result.Text);
    return 0;
}

// By text elements, so that accents stay on their letters.
static string Reversed(string text)
{
    var elements = System.Globalization.StringInfo.GetTextElementEnumerator(text);
    var reversed = new StringBuilder(text.Length);
    while (elements.MoveNext())
        reversed.Insert(0, elements.GetTextElement());
    return reversed.ToString();
}
