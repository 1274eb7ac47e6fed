using System.Net;
using System.Text.RegularExpressions;

namespace Flotilla.Sandbox;

public sealed partial record SandboxSpec
{
    /// <summary>All that is wrong with it at once; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        var version = Server.ToString();
        if (!NameText().IsMatch(FolderName))
            problems.Add($"'{FolderName}' is no name for a sandbox: letters, digits, '.', '-' and '_', beginning with a letter or digit, up to 64");
        if (NodeCount is < 1 or > NodesMax)
            problems.Add($"a sandbox has 1 to {NodesMax} servers, not {NodeCount}");
        else
            AddTopologyProblems(problems, version);
        if (Port is < 1 or > 65535 || Port + NodeCount - 1 > 65535)
            problems.Add($"ports are 1 to 65535, {Port} and {NodeCount - 1} after it are not");
        if (ServerId is 0)
            problems.Add("server_id 0 would keep it from replicating; give 1 or more");
        if (!IPAddress.TryParse(BindAddress, out _) && BindAddress != "*")
            problems.Add($"'{BindAddress}' is no address to listen on; give 127.0.0.1, 0.0.0.0 or an address of this host");
        if (ReportHost is { } host && !HostText().IsMatch(host))
            problems.Add($"'{host}' is no host name or address");
        if (!AccessText().IsMatch(RemoteAccess))
            problems.Add($"'{RemoteAccess}' is no host part of a user; give 10.0.% or %");
        foreach (var option in Options.Concat(PrimaryOptions).Concat(ReplicaOptions).Where(option => !OptionText().IsMatch(option)))
            problems.Add($"'{option}' is no option for my.cnf; give key=value or key on one line");
        foreach (var option in Options.Concat(PrimaryOptions).Concat(ReplicaOptions).Where(IsOurs))
            problems.Add($"'{option}' is decided by the sandbox itself and can't be given");
        if (SemiSync && !HasSemiSync)
            problems.Add($"{version} came without semi-synchronous replication (its plugins semisync_*.so are not there)");
        if (Tls && !Server.HasModernTls)
            problems.Add($"TLS of {version} is too old for today's clients; take a newer server or none");
        return problems;
    }

    private bool HasSemiSync => Server.HasSemiSyncBuiltIn || Server.HasPlugin("semisync_master.so") || Server.HasPlugin("semisync_source.so");

    private static bool IsOurs(string option)
        => option.Split('=')[0].Trim().Replace('-', '_') is "port" or "socket" or "datadir" or "pid_file" or "server_id" or "log_error" or "init_file" or "log_bin" or "relay_log"
            or "plugin_dir" or "bind_address" or "user" or "report_host" or "report_port";

    private void AddTopologyProblems(List<string> problems, string version)
    {
        if (Topology == SandboxTopology.Single && NodeCount != 1)
            problems.Add("a single sandbox has one server; '--topology multiple' makes several");
        if (Topology is SandboxTopology.Ring or SandboxTopology.AllMasters or SandboxTopology.Replication && NodeCount < 2)
            problems.Add("servers that replicate are at least 2");
        if (Topology == SandboxTopology.FanIn && (NodeCount < 3 || MasterCount < 2 || MasterCount >= NodeCount))
            problems.Add($"fan-in needs at least 2 masters and one replica; {MasterCount} masters among {NodeCount} servers are not that");
        if (Topology is SandboxTopology.AllMasters or SandboxTopology.FanIn && !Server.HasMultiSource)
            problems.Add($"{version} can't replicate from several servers; that needs MySQL 5.7 or MariaDB 10");
        if (Masters is not null && Topology != SandboxTopology.FanIn)
            problems.Add("the number of masters is for fan-in only");
        if (ServerId is not null && Topology != SandboxTopology.Single)
            problems.Add("a server_id can be given to a single sandbox only");
        if (Role != SandboxRole.Standalone && Topology != SandboxTopology.Single)
            problems.Add("a role can be given to a single sandbox only");
        if (Topology is SandboxTopology.AllMasters or SandboxTopology.Ring && SemiSync)
            problems.Add("semi-synchronous replication needs one primary; in a ring or among all masters each server would wait for the next");
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameText();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.:_-]{0,254}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HostText();

    [GeneratedRegex(@"^[A-Za-z0-9.:%_/-]{1,60}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AccessText();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]*(\s*=[^\x00-\x1f]*)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OptionText();
}
