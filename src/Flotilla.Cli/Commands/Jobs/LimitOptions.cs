using System.CommandLine;
using Flotilla.JobServer;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Limits and ways of the job server that <c>jobs serve</c> takes on its command line; the file knows more of them.</summary>
internal sealed class LimitOptions
{
    private readonly Option<int> _retries = Number<int>("--retries", "-j", "Attempts per job before it is given up; 0 is without limit. Default 0.");
    private readonly Option<TimeSpan?> _backOff = new("--backoff")
    {
        Description = "Wait before the second attempt; doubled for each further one. Default none.", HelpName = "duration", CustomParser = Values.Duration,
    };

    private readonly Option<bool> _keepDead = new("--keep-dead") { Description = "Keep background jobs that were given up in the dead-letter list." };
    private readonly Option<bool> _exceptions = new("--exceptions") { Description = "Send workers' exceptions to all clients, not only to those that ask for them." };
    private readonly Option<int> _wakeup = Number<int>("--worker-wakeup", "-w", "Workers woken per job. Default 1; another is woken if it does not come.");
    private readonly Option<string?> _handlePrefix = new("--handle-prefix") { Description = "What job handles begin with. Default H: and the host's name.", HelpName = "text" };
    private readonly Option<int> _connections = Number<int>("--max-connections", null, "Connections in all. Default 100000.");
    private readonly Option<long> _jobs = Number<long>("--max-jobs", null, "Jobs in all; 0 is without limit. Default 0.");
    private readonly Option<long?> _jobMemory = Size("--max-job-memory", "Memory for jobs. Default three quarters of what the process may use.");
    private readonly Option<long?> _packet = Size("--max-packet", "Longest packet. Default 64MiB.");
    private readonly Option<long?> _output = Size("--max-output", "Output that may wait for one connection. Default 64MiB.");
    private readonly Option<TimeSpan?> _drain = new("--drain-timeout")
    {
        Description = "When told to stop: wait so long for running jobs. Default 30s.", HelpName = "duration", CustomParser = Values.Duration,
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [_retries, _backOff, _keepDead, _exceptions, _wakeup, _handlePrefix, _connections, _jobs, _jobMemory, _packet, _output, _drain])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_retries) is { Errors: var errors } && !errors.Any() && result.GetValue(_retries) < 0)
                result.AddError($"{_retries.Name} must be 0 or more; 0 is without limit.");
        });
    }

    public JobServerOptions Apply(ParseResult parsed, JobServerOptions server)
    {
        var machine = server.Machine;
        var policy = machine.DefaultPolicy;
        if (parsed.GetResult(_retries) is not null)
            policy = policy with { Attempts = parsed.GetValue(_retries) };
        if (parsed.GetValue(_backOff) is { } backOff)
            policy = policy with { BackOffMs = (long)backOff.TotalMilliseconds };
        if (parsed.GetValue(_keepDead))
            policy = policy with { KeepsDead = true };
        machine = machine with
        {
            DefaultPolicy = policy,
            ExceptionsByDefault = machine.ExceptionsByDefault || parsed.GetValue(_exceptions),
            WorkersWokenPerJob = parsed.GetResult(_wakeup) is null ? machine.WorkersWokenPerJob : parsed.GetValue(_wakeup),
            HandlePrefix = parsed.GetValue(_handlePrefix) ?? machine.HandlePrefix,
            JobsMax = parsed.GetResult(_jobs) is null ? machine.JobsMax : parsed.GetValue(_jobs),
        };
        var output = parsed.GetValue(_output) ?? server.OutputLimitBytes;
        return server with
        {
            Machine = machine,
            MaxConnections = parsed.GetResult(_connections) is null ? server.MaxConnections : parsed.GetValue(_connections),
            JobMemoryLimitBytes = parsed.GetValue(_jobMemory) ?? server.JobMemoryLimitBytes,
            MaxPacketBytes = parsed.GetValue(_packet) is { } packet ? (int)Math.Min(packet, int.MaxValue) : server.MaxPacketBytes,
            OutputLimitBytes = output,
            OutputPauseBytes = Math.Min(server.OutputPauseBytes, output),
            DrainTimeout = parsed.GetValue(_drain) ?? server.DrainTimeout,
        };
    }

    private static Option<T> Number<T>(string name, string? alias, string description)
        => new(name, alias is null ? [] : [alias]) { Description = description, HelpName = "n" };

    private static Option<long?> Size(string name, string description)
        => new(name) { Description = description, HelpName = "size", CustomParser = Values.Size };
}
