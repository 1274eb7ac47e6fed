using System.CommandLine;
using System.Net;
using Flotilla.Cli.Commands.Jobs;
using Flotilla.Cli.Commands.Sandboxes;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;
using Flotilla.JobServer.Telemetry;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>worker host</c>: offers this host to <c>flotilla deploy</c>.</summary>
internal static class HostCommand
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);

    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console, "--job-servers");
        var root = new RootOption(console);
        var name = new Option<string?>("--name", "-n") { Description = "Name of this host in functions, as make_sandbox@NAME. Default: what the system calls it.", HelpName = "name" };
        var address = new Option<string?>("--address", "-a")
        {
            Description = "IP address where servers made here listen and where other hosts reach them. Default: the one that leads to the job server.", HelpName = "address",
        };
        var basedir = new Option<string[]>("--basedir") { Description = "Folder of a database server; repeat it for several. Default: whatever is on the path.", HelpName = "folder" };
        var urls = new Option<string?>("--tarball-urls")
        {
            Description = "File of tarballs that may be downloaded: lines of a sha256 and a URL, as sha256sum prints them. Default: none may.", HelpName = "file",
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Log every job; -vv connections too.", Arity = ArgumentArity.Zero };
        var json = OutputOptions.Json("Once it is registered, print name, address, functions and what is missing as one object.");
        var command = new CliCommand("host", "Offer this host to 'flotilla deploy': registers what it can really do, and says what it lacks.")
        {
            Examples =
            [
                ("flotilla worker host --name hosta", "with the job server on this machine"),
                ("flotilla worker host --job-servers 10.0.0.1,10.0.0.2 --secret-file /etc/flotilla/secret", "with others; they must ask for a secret or a certificate"),
                ("flotilla worker host --root /srv/sandboxes --basedir /opt/mariadb", "servers of that program, in that folder"),
            ],
        };
        foreach (var option in (Option[])[name, address, basedir, urls, verbose, json])
            command.Options.Add(option);
        root.AddTo(command);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var servers = access.Read(parsed);
            using var log = ServeLog.Create(Verbosity.ToLogLevel(parsed.GetResult(verbose)?.IdentifierTokenCount ?? 0), console);
            var options = new HostWorkerOptions
            {
                Name = HostName.Parse(parsed.GetValue(name) ?? Environment.MachineName),
                Servers = servers.Servers,
                Secret = servers.Secret,
                Tls = servers.Tls,
                ConnectTimeout = servers.ConnectTimeout,
                Root = root.Read(parsed).Folder,
                Address = parsed.GetValue(address) is { } given ? ParseAddress(given) : OwnAddress.Towards(servers.Servers),
                Basedirs = parsed.GetValue(basedir) is { Length: > 0 } folders ? folders : null,
                TarballUrls = parsed.GetValue(urls) is { } file ? TarballUrl.Read(file) : [],
                LoggerFactory = log,
                TimeProvider = console.Clock,
            };
            await using var worker = await HostWorker.CreateAsync(options, cancellationToken);
            Greet(console, options, worker, parsed.GetValue(json));
            try
            {
                await worker.StartAsync(cancellationToken).WaitAsync(ConnectPatience, console.Clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                ErrorText.Write(console, $"no job server answers yet at {string.Join(", ", options.Servers)}; trying on");
            }

            await worker.RunAsync(cancellationToken);
            return ExitCode.Ok;
        });
    }

    private static IPAddress ParseAddress(string text)
        => IPAddress.TryParse(text, out var address) ? address : throw new CliException(ExitCode.Usage, $"'{text}' is no IP address", "Other hosts connect to it: give one of this host's.");

    private static void Greet(IConsole console, HostWorkerOptions options, HostWorker worker, bool asJson)
    {
        if (asJson)
        {
            console.Output.WriteLine(JsonText.Object(writer =>
            {
                writer.WriteString("name", options.Name.ToString());
                writer.WriteString("address", options.Address.ToString());
                foreach (var (key, words) in ((string, IReadOnlyList<string>)[])[("functions", worker.Functions), ("missing", worker.Abilities.Missing)])
                {
                    writer.WriteStartArray(key);
                    foreach (var word in words)
                        writer.WriteStringValue(word);
                    writer.WriteEndArray();
                }
            }));
            return;
        }

        console.Error.WriteLine($"host {options.Name} ({options.Address}): {string.Join(", ", worker.Functions)}, with {string.Join(", ", options.Servers)}. Ctrl-C ends it; servers run on.");
        foreach (var missing in worker.Abilities.Missing)
            console.Error.WriteLine($"  lacks {CellText.Printable(missing)}");
    }
}
