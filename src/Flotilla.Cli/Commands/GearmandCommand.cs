using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands;

/// <summary>
/// Shows <c>flotilla gearmand</c> in help and completion; the program hands its words to the launcher before this command line is parsed,
/// because they are gearmand's and not ours.
/// </summary>
internal static class GearmandCommand
{
    public const string Name = "gearmand";

    public static CliCommand Create(IConsole console) => new CliCommand(Name, "Serve with gearmand's own options, in its place ('gearmand --help').")
    {
        Examples =
        [
            ("flotilla gearmand -d --listen=127.0.0.1 --pid-file=/run/gearman/gearmand.pid", "as Debian's service starts it"),
            ("gearmand --port=4731 --verbose INFO -l stderr", "the same program by its other name"),
        ],
    }.Runs(console, static (_, _) => throw new InvalidOperationException("the launcher takes these words"));
}
