using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs show</c>: lists of a server, one job, the server itself.</summary>
internal static class ShowCommand
{
    public static CliCommand Create(IConsole console)
    {
        var command = new CliCommand("show", "Show jobs, unique keys, queues, dead jobs, schedules, one job, or the server.")
        {
            Examples =
            [
                ("flotilla jobs show queue resize", "the first jobs that wait"),
                ("flotilla jobs show job H:box:12", "one job"),
                ("flotilla jobs show dead", "what was given up"),
            ],
        };
        command.Subcommands.Add(Jobs(console));
        command.Subcommands.Add(Unique(console));
        command.Subcommands.Add(Queue(console));
        command.Subcommands.Add(Dead(console));
        command.Subcommands.Add(Schedules(console));
        command.Subcommands.Add(Job(console));
        command.Subcommands.Add(Server(console));
        return command;
    }

    internal static CliCommand Schedules(IConsole console, string name = "schedules") => Complete(
        new CliCommand(name, "Show recurring jobs.")
        {
            Examples = [(name == "list" ? "flotilla jobs schedule list" : "flotilla jobs show schedules", "all, with the next time of each (UTC)")],
        },
        console,
        manyServers => new Listing(
            new Column("Server", "server") { InTable = manyServers },
            new Column("Handle", "handle"),
            new Column("Function", "function"),
            new Column("Unique", "unique"),
            new Column("Schedule", "schedule"),
            new Column("Next", "nextMs", CellKind.TimeMs),
            new Column("Last", "lastMs", CellKind.TimeMs)) { EmptyText = "no schedules" },
        static async (_, admin, listing, cancellationToken) =>
        {
            foreach (var one in await admin.GetSchedulesAsync(cancellationToken))
                listing.Add(admin.Server.ToString(), one.Handle, one.Function, one.Unique, one.Schedule, one.NextMs, one.LastMs);
        });

    private static CliCommand Jobs(IConsole console) => Complete(
        new CliCommand("jobs", "Show all jobs. On a long queue this is a long list.")
        {
            Examples = [("flotilla jobs show jobs", "as gearadmin --show-jobs")],
        },
        console,
        manyServers => new Listing(
            new Column("Server", "server") { InTable = manyServers },
            new Column("Handle", "handle"),
            new Column("Retries", "retries", CellKind.Count),
            new Column("Ignored", "ignored", CellKind.Flag),
            new Column("Stored", "stored", CellKind.Flag)) { EmptyText = "no jobs" },
        static async (_, admin, listing, cancellationToken) =>
        {
            foreach (var job in await admin.GetJobsAsync(cancellationToken))
                listing.Add(admin.Server.ToString(), job.Handle, job.Retries, job.Ignored, job.Stored);
        });

    private static CliCommand Unique(IConsole console) => Complete(
        new CliCommand("unique", "Show the unique keys of the jobs that have one.")
        {
            Examples = [("flotilla jobs show unique", "as gearadmin --show-unique-jobs")],
        },
        console,
        manyServers => new Listing(new Column("Server", "server") { InTable = manyServers }, new Column("Unique", "unique")) { EmptyText = "no jobs with a unique key" },
        static async (_, admin, listing, cancellationToken) =>
        {
            foreach (var row in (await admin.GetUniqueJobsAsync(cancellationToken)).Where(row => row.Unique.Length > 0))
                listing.Add(admin.Server.ToString(), row.Unique);
        });

    private static CliCommand Queue(IConsole console)
    {
        var function = new Argument<string>("function") { Description = "Whose queue." };
        var max = new Option<int>("--max", "-n") { Description = "At most so many jobs.", DefaultValueFactory = _ => 100, HelpName = "n" };
        var command = new CliCommand("queue", "Show the jobs that wait, in the order in which they will be handed out.")
        {
            Examples = [("flotilla jobs show queue resize -n 10", "the next ten")],
        };
        command.Arguments.Add(function);
        command.Options.Add(max);
        return Complete(
            command,
            console,
            static manyServers => JobTable.Create(manyServers, isDead: false, "no jobs wait"),
            async (parsed, admin, listing, cancellationToken) =>
            {
                foreach (var job in await admin.GetQueueAsync(parsed.GetValue(function)!, parsed.GetValue(max), cancellationToken))
                    JobTable.Add(listing, admin.Server, job);
            });
    }

    private static CliCommand Dead(IConsole console)
    {
        var function = new Argument<string?>("function") { Description = "Only of this function.", Arity = ArgumentArity.ZeroOrOne };
        var command = new CliCommand("dead", "Show the dead-letter list: jobs that were given up.")
        {
            Examples = [("flotilla jobs show dead", "all"), ("flotilla jobs show dead resize", "of one function")],
        };
        command.Arguments.Add(function);
        return Complete(
            command,
            console,
            static manyServers => JobTable.Create(manyServers, isDead: true, "no dead jobs"),
            async (parsed, admin, listing, cancellationToken) =>
            {
                foreach (var job in await admin.GetDeadAsync(parsed.GetValue(function), cancellationToken))
                    JobTable.Add(listing, admin.Server, job);
            });
    }

    private static CliCommand Job(IConsole console)
    {
        var handle = new Argument<string>("handle") { Description = "The job." };
        var command = new CliCommand("job", "Show one job.")
        {
            Examples = [("flotilla jobs show job H:box:12", "state, progress, worker; exit code 5 when it is not known (any more)")],
        };
        command.Arguments.Add(handle);
        return Complete(
            command,
            console,
            static manyServers => JobTable.Create(manyServers, isDead: false, ""),
            async (parsed, admin, listing, cancellationToken) =>
            {
                if (await AskAsync(admin, parsed.GetValue(handle)!, cancellationToken) is { } job)
                    JobTable.Add(listing, admin.Server, job);
            },
            parsed => $"no server knows the job {parsed.GetValue(handle)}");
    }

    private static CliCommand Server(IConsole console) => Complete(
        new CliCommand("server", "Show the server itself.")
        {
            Examples = [("flotilla jobs show server", "version, uptime, jobs, memory")],
        },
        console,
        static _ => new Listing(
            new Column("Server", "server"),
            new Column("Version", "version"),
            new Column("Uptime", "uptimeMs", CellKind.DurationMs),
            new Column("Jobs", "jobs", CellKind.Count),
            new Column("Running", "running", CellKind.Count),
            new Column("Connections", "connections", CellKind.Count),
            new Column("Workers", "workers", CellKind.Count),
            new Column("Schedules", "schedules", CellKind.Count),
            new Column("Memory", "memoryBytes", CellKind.Bytes),
            new Column("Draining", "draining", CellKind.Flag) { InTable = false },
            new Column("Counters", "counters") { InTable = false }),
        static async (_, admin, listing, cancellationToken) =>
        {
            var one = await admin.GetServerAsync(cancellationToken);
            listing.Add(
                admin.Server.ToString(), one.Version, one.UptimeMs, one.Jobs, one.Running, one.Connections, one.Workers, one.Schedules,
                one.MemoryBytes, one.Draining, one.Counters is { } counters ? counters : null);
        });

    /// <summary>gearmand knows a job by its handle too, but tells less.</summary>
    private static async Task<JobDetails?> AskAsync(GearmanAdmin admin, string handle, CancellationToken cancellationToken)
    {
        try
        {
            return await admin.GetJobAsync(handle, cancellationToken);
        }
        catch (GearmanServerException refusal) when (refusal.Code == "UNKNOWN_SHOW_ARGUMENTS")
        {
            await using var client = new GearmanClient(new GearmanClientOptions
            {
                Servers = [admin.Server],
                Secret = admin.Options.Secret,
                Tls = admin.Options.Tls,
                FailoverTimeout = TimeSpan.Zero,
            });
            var status = await client.GetStatusAsync(new JobHandle(handle, admin.Server), cancellationToken);
            return status.IsKnown
                ? new JobDetails
                {
                    Handle = handle,
                    State = status.IsRunning ? "running" : "queued",
                    Numerator = status.Progress.Numerator,
                    Denominator = status.Progress.Denominator,
                }
                : null;
        }
    }

    /// <param name="command">With its own arguments.</param>
    /// <param name="console">The world.</param>
    /// <param name="create">The empty listing; told whether there are several servers.</param>
    /// <param name="fill">Adds what one server says.</param>
    /// <param name="missing">What it means when nothing was found; null when that is fine.</param>
    private static CliCommand Complete(
        CliCommand command,
        IConsole console,
        Func<bool, Listing> create,
        Func<ParseResult, GearmanAdmin, Listing, CancellationToken, Task> fill,
        Func<ParseResult, string>? missing = null)
    {
        var access = new AccessOptions(console);
        var json = OutputOptions.Json("Print an array of objects.");
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var servers = access.Read(parsed);
            var listing = create(servers.Servers.Count > 1);
            var code = await EachServer.RunAsync(servers, console, (admin, token) => fill(parsed, admin, listing, token), cancellationToken);
            if (listing.Rows.Count == 0 && code == ExitCode.Ok && missing is not null)
                throw new CliException(ExitCode.NotFound, missing(parsed), "It may have ended already.");
            if (code == ExitCode.Ok || listing.Rows.Count > 0)
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            return code;
        });
    }
}
