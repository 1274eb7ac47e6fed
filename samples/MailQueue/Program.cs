using System.Runtime.InteropServices;
using System.Text;
using Flotilla.Gearman;
using Flotilla.Samples.MailQueue;

// A queue for e-mail: a campaign is one job that becomes thousands; each message is delivered once, later, elsewhere.
if (args is not [var address, .. var rest] || !GearmanAddress.TryParse(address, out var server))
    return Usage();

return rest switch
{
    ["work", var spool] => await WorkAsync(spool),
    ["send", var campaign, var recipients] when File.Exists(recipients) => await SendAsync(campaign, recipients),
    _ => Usage(),
};

async Task<int> WorkAsync(string spool)
{
    using var stop = new CancellationTokenSource();
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

    Directory.CreateDirectory(spool);
    await using var client = new GearmanClient(server);
    await using var worker = new GearmanWorker(new GearmanWorkerOptions { Servers = [server], MaxConcurrency = 8 });
    // Mail servers don't like to be flooded: never more than four messages at once, whatever else this worker does.
    worker.Register(Delivery.Function, new Delivery(spool).RunAsync, new FunctionOptions { MaxConcurrency = 4 });
    worker.Register(Campaign.Function, new Campaign(client).RunAsync);
    var running = worker.RunAsync(stop.Token);
    Console.WriteLine($"working for {server}, stop with Ctrl+C");
    await running;
    return 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}

async Task<int> SendAsync(string campaign, string recipients)
{
    await using var client = new GearmanClient(server);
    var payload = Encoding.UTF8.GetBytes($"{campaign}\n{await File.ReadAllTextAsync(recipients)}");
    await foreach (var update in client.StreamAsync(new JobRequest(Campaign.Function, payload)))
    {
        if (update.Kind == JobUpdateKind.Progress)
            Console.WriteLine($"{update.Progress.Numerator} of {update.Progress.Denominator} queued");
        else if (update.Kind == JobUpdateKind.Warning)
            Console.WriteLine($"left out: {update.Text}");
        else if (update.Kind == JobUpdateKind.Completed)
            Console.WriteLine(update.Text);
    }

    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: MailQueue ADDRESS work SPOOL-FOLDER | MailQueue ADDRESS send CAMPAIGN RECIPIENTS-FILE");
    return 64;
}
