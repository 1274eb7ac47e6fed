using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs pause</c>, <c>jobs resume</c>, <c>jobs drain</c>: what goes into and out of a function's queue.</summary>
internal static class FlowCommands
{
    public static CliCommand Pause(IConsole console) => FunctionAction.Complete(
        new CliCommand("pause", "Hand out no more jobs of a function; running ones end, new ones are queued.")
        {
            Examples = [("flotilla jobs pause resize", "before maintenance of what its workers need")],
        },
        console,
        "paused",
        static (admin, function, cancellationToken) => admin.PauseAsync(function, cancellationToken),
        makesNew: true);

    public static CliCommand Resume(IConsole console) => FunctionAction.Complete(
        new CliCommand("resume", "End a pause or a drain.")
        {
            Examples = [("flotilla jobs resume resize", "hands out and takes in again")],
        },
        console,
        "resumed",
        static (admin, function, cancellationToken) => admin.ResumeAsync(function, cancellationToken));

    public static CliCommand Drain(IConsole console) => FunctionAction.Complete(
        new CliCommand("drain", "Take no new jobs of a function; hand out what is queued.")
        {
            Examples = [("flotilla jobs drain resize", "before the function goes away")],
        },
        console,
        "draining",
        static (admin, function, cancellationToken) => admin.DrainAsync(function, cancellationToken),
        makesNew: true);
}
