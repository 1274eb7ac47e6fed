using System.Text;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.Disk;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// What a server that somebody else starts must be started with, as an option file that its own option file includes. It says that the server recovers as a primary, which takes nothing
/// away, but while a start in the other role is under way: whoever else starts the server does no harm.
/// </summary>
internal sealed class StartFile(NodeServerOptions options)
{
    private const string Name = "start.cnf";

    /// <summary>Who was started with this file says so in <c>@@report_user</c>, which is good for nothing else.</summary>
    public string Mark { get; } = $"flotilla-{options.Name}";

    public string Path { get; } = System.IO.Path.Combine(options.Folder, Name);

    /// <summary>Why a server that does not show the mark is left alone, and what to do.</summary>
    public string Absence => $"it was not started with {Path}: include that file in its option file, as the last line, and restart it";

    public void Write(ServerRole role)
    {
        var settings = options.Kind == ServerKind.MariaDb ? RequiredSettings.MariaDb : RequiredSettings.MySql;
        var text = new StringBuilder("# Written by flotilla at every start; the server's own option file includes it as its last line.\n[mysqld]\n");
        string[] arguments =
        [
            $"--server-id={options.ServerId}", $"--port={options.Port}", $"--socket={options.Socket}", $"--report-user={Mark}",
            .. settings.Select(setting => setting.Argument), .. RequiredSettings.StartArguments,
        ];
        foreach (var argument in options.Kind == ServerKind.MariaDb ? [.. arguments, RequiredSettings.RecoveryArgument(role)] : arguments)
            text.Append(argument.AsSpan(2)).Append('\n');
        DiskCalls.WriteWhole(options.Folder, Name, text.ToString());
    }
}
