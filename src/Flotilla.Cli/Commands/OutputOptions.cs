using System.CommandLine;

namespace Flotilla.Cli.Commands;

/// <summary>Options about what a command prints, the same for all that have them.</summary>
internal static class OutputOptions
{
    public static Option<bool> Json(string what) => new("--json") { Description = what };
}
