using System.Net;
using System.Text.RegularExpressions;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.Cluster.Servers;
using Flotilla.JobServer;
using Flotilla.Node;
using Flotilla.Node.Management;
using Microsoft.Extensions.Logging;

namespace Flotilla.Chaos.Tests.World;

internal static class TemporaryNode
{
    public static async Task<int> RunAsync(string config)
    {
        var text = await File.ReadAllTextAsync(config);
        string Get(string name) => Regex.Match(text, $@"^[ -]*{name}: (.*)$", RegexOptions.Multiline).Groups[1].Value.Trim('"');
        string[] List(string name) => [.. Get(name).Trim('[', ']').Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(one => one.Trim('"'))];
        var server = Regex.Match(text, "- name: (.*)").Groups[1].Value;
        var listen = IPEndPoint.Parse(Get("listen"));
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(new P()));
        await using var node = await ClusterNode.StartAsync(new ClusterNodeOptions
        {
            Name = new NodeName(Get("node")), Cluster = "chaos", Listen = listen, Seeds = [.. List("nodes")], DataFolder = Get("dataFolder"), Lines = null,
            Secret = File.ReadLines(Get("secretFile")).First(), Policy = new ClusterPolicy { FlapWindowSeconds = 0 }, Logger = loggers.CreateLogger("x"),
            Servers = [new NodeServerOptions
            {
                Name = new ServerName(server), Host = Get("host"), Port = 3306, ServerId = uint.Parse(Get("serverId")), Folder = Get("folder"), Command = List("command"), Socket = Get("socket"),
                AdministratorPassword = Get("administratorPassword"),
                Programs = new ServerPrograms { Binlog = Get("binlog"), Backup = Get("backup"), BackupStream = Get("backupStream"), LibraryFolders = List("libraryFolders") },
            }],
        });
        await using var job = await JobNode.StartAsync(new NodeOptions
        {
            JobServer = new JobServerOptions { Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 4730) }] },
            Store = new StoreOptions { Path = Regex.Match(text, "path: ([^ ]*)").Groups[1].Value },
            Management = new ManagementOptions { Listen = [new IPEndPoint(listen.Address, 4780)], SecretFile = Get("secretFile") },
        }, loggers, node);
        await Task.WhenAny(node.Completion, Term());
        return 0;
    }

    private static Task Term()
    {
        var end = new TaskCompletionSource();
        System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context => { context.Cancel = true; end.TrySetResult(); });
        return end.Task;
    }

    private sealed class P : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName.StartsWith("Microsoft", StringComparison.Ordinal) ? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance : this;
        public void Dispose() { }
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Console.Out.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {formatter(state, exception)}{(exception is null ? "" : "\n" + exception)}");
    }
}
