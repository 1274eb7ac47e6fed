using System.Globalization;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Clusters;

/// <summary>MHA 0.58 from Debian with two lines changed so that it runs at all (eng/peers/rivals.sh), and its manager beside the clients. Replication with semi-sync, by file and position.</summary>
internal sealed class MhaCluster : IClusterUnderTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly GroupNetwork _network;
    private readonly string _folder;
    private readonly PlainReplication _replication;
    private readonly int _pingInterval;
    private HostProcess? _manager;

    private MhaCluster(GroupNetwork network, string folder, PlainReplication replication, int pingInterval)
        => (_network, _folder, _replication, _pingInterval) = (network, folder, replication, pingInterval);

    public string Name => string.Create(CultureInfo.InvariantCulture, $"MHA, ping_interval {_pingInterval}");

    public IReadOnlyList<DatabaseHost> Hosts => _replication.Hosts;

    public bool HealsItself => false;

    public string ByHand(Fault fault) => fault == Fault.Switchover ? "manager stopped before, started after" : "old master stopped, made a replica; manager started";

    private string Config => Path.Combine(_folder, "mha.cnf");

    private string Log => Path.Combine(_folder, "manager.log");

    private IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["PATH"] = DatabaseHost.SearchPath,
        ["PERL5LIB"] = Path.Combine(DatabaseHost.Rivals, "mha", "usr", "share", "perl5"),
        ["FLOTILLA_BENCH_NETWORK"] = _network.Prefix,
    };

    public static async Task<MhaCluster> StartAsync(GroupNetwork network, string folder, string template, int pingInterval)
    {
        var cluster = new MhaCluster(network, folder, await PlainReplication.StartAsync(network, folder, template, usesGtid: false), pingInterval);
        try
        {
            foreach (var host in cluster.Hosts)
                await host.SqlAsync("SET sql_log_bin = 0; CREATE USER mha@'%' IDENTIFIED BY 'mha'; GRANT ALL ON *.* TO mha@'%'");
            await cluster.ConfigureAsync();
            await cluster.StartManagerAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The manager says when it watches.</summary>
    public Task UntilReadyAsync() => Task.CompletedTask;

    public async Task SwitchOverAsync(DatabaseHost from, DatabaseHost to)
    {
        await StopManagerAsync();
        await DatabaseHost.RunAsync(
            Path.Combine(DatabaseHost.Rivals, "mha", "usr", "bin", "masterha_master_switch"),
            ["--master_state=alive", $"--conf={Config}", $"--new_master_host={to.Address}", "--new_master_port=3306", "--orig_master_is_new_slave", "--interactive=0"],
            environment: Environment);
    }

    public async ValueTask DisposeAsync()
    {
        await StopManagerAsync();
        await _replication.DisposeAsync();
    }

    private async Task ConfigureAsync()
    {
        var script = Path.Combine(_folder, "online-change");
        // As the sample that comes with it does: the old one refuses writes first, the new one takes them last. What it is given says which.
        await File.WriteAllTextAsync(script, """
            #!/bin/sh
            for word in "$@"; do
                case $word in
                --command=*) command=${word#*=} ;;
                --orig_master_ip=*) old=${word#*=} ;;
                --new_master_ip=*) new=${word#*=} ;;
                esac
            done
            case $command in
            stop) exec mariadb --no-defaults -h "$old" -u mha -pmha -e 'SET GLOBAL read_only = 1' ;;
            start) exec mariadb --no-defaults -h "$new" -u mha -pmha -e 'SET GLOBAL read_only = 0' ;;
            esac
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        List<string> lines =
        [
            "[server default]", "user=mha", "password=mha", "repl_user=repl", "repl_password=repl", "ssh_user=root", $"manager_workdir={_folder}/mha", $"manager_log={Log}", $"remote_workdir={_folder}/mha",
            $"ping_interval={_pingInterval}", $"master_ip_online_change_script={script}",
        ];
        foreach (var host in Hosts)
            lines.AddRange([$"[server{host.Number}]", $"hostname={host.Address}", "port=3306", $"master_binlog_dir={host.Folder}/data"]);
        await File.WriteAllLinesAsync(Config, lines);
    }

    private async Task StartManagerAsync()
    {
        _manager = await HostProcess.StartAsync(
            _network, 0, Path.Combine(_folder, "manager.out"), [Path.Combine(DatabaseHost.Rivals, "mha", "usr", "bin", "masterha_manager"), $"--conf={Config}", "--ignore_last_failover"], Environment);
        await Wait.UntilAsync(
            () => File.Exists(Log) && File.ReadAllText(Log).Contains("waiting until MySQL doesn't respond", StringComparison.Ordinal)
                || (_manager.IsRunning ? false : throw new BenchException($"MHA's manager ended; its log is {Log}")),
            s_patience,
            $"MHA's manager watches; its log is {Log}");
    }

    private async Task StopManagerAsync()
    {
        if (_manager is not { } manager)
            return;
        _manager = null;
        if (manager.IsRunning)
            await manager.StopAsync();
        await manager.DisposeAsync();
    }
}
