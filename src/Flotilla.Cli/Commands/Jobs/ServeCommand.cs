using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs serve</c>: a job server in the foreground.</summary>
internal static class ServeCommand
{
    public static CliCommand Create(IConsole console)
    {
        var options = new ServeOptions();
        var command = new CliCommand("serve", "Run a job server until it is told to stop.")
        {
            Examples =
            [
                ("flotilla jobs serve", "Gearman on 127.0.0.1:4730, HTTP on 8080, management on 4780, jobs kept on disk"),
                ("flotilla jobs serve --store memory --http none --management none -v", "nothing but Gearman, nothing kept; says what happens"),
                ("flotilla jobs serve -L '*:4730' --secret-file /etc/flotilla/secret", "for other machines, which must know the secret"),
                ("flotilla jobs serve --tls-listen '*:4731' --tls-certificate srv.pem --tls-key srv.key --tls-ca ca.pem --tls-clients required",
                    "for those with a certificate of our authority"),
                ("flotilla jobs serve --config /etc/flotilla/flotilla.yaml -t 0 -vv", "from a file; what the line says counts more"),
            ],
        };
        options.AddTo(command);
        return command.Runs(console, (parsed, cancellationToken) => new ServeRun(console, options.Read(parsed)).RunAsync(cancellationToken));
    }
}
