using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>flotilla jobs</c>: everything about job servers, jobs and workers.</summary>
internal static class JobsCommand
{
    public static CliCommand Create(IConsole console)
    {
        var jobs = new CliCommand("jobs", "Serve, submit, work on and look after jobs.")
        {
            Examples =
            [
                ("flotilla jobs serve", "a job server on 127.0.0.1:4730"),
                ("flotilla jobs work reverse -- rev", "a worker that runs 'rev' for each job"),
                ("flotilla jobs submit reverse Hello", "a client: prints olleH"),
            ],
        };
        jobs.Subcommands.Add(ServeCommand.Create(console));
        jobs.Subcommands.Add(SubmitCommand.Create(console));
        jobs.Subcommands.Add(WorkCommand.Create(console));
        jobs.Subcommands.Add(StatusCommand.Create(console));
        jobs.Subcommands.Add(WorkersCommand.Create(console));
        jobs.Subcommands.Add(TopCommand.Create(console));
        jobs.Subcommands.Add(ShowCommand.Create(console));
        jobs.Subcommands.Add(CancelCommand.Create(console));
        jobs.Subcommands.Add(DropCommand.Create(console));
        jobs.Subcommands.Add(FlowCommands.Pause(console));
        jobs.Subcommands.Add(FlowCommands.Resume(console));
        jobs.Subcommands.Add(FlowCommands.Drain(console));
        jobs.Subcommands.Add(RetryCommand.Create(console));
        jobs.Subcommands.Add(PolicyCommand.Create(console));
        jobs.Subcommands.Add(ScheduleCommand.Create(console));
        return jobs;
    }
}
