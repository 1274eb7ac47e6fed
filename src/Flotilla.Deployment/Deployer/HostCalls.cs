using System.Text.Json.Serialization.Metadata;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>The functions of hosts as methods.</summary>
internal sealed class HostCalls(Fleet fleet)
{
    private static readonly TimeSpan LookPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ServerPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FetchPatience = TimeSpan.FromHours(4);

    public Task<HostFacts> DiagnoseAsync(string host, DiagnoseArguments arguments, CancellationToken cancellationToken)
        => CallAsync(host, HostFunctions.DiagnoseHost, arguments, DeploymentJson.Default.DiagnoseArguments, DeploymentJson.Default.HostFacts, "", LookPatience, null, cancellationToken);

    public Task<FetchedTarball> FetchAsync(string host, DeploymentJournal journal, Action<string>? told, CancellationToken cancellationToken)
    {
        var tarball = journal.Tarball!;
        var arguments = new FetchTarballArguments { File = tarball.File, Sha256 = tarball.Sha256, From = tarball.From == host ? null : tarball.From };
        return CallAsync(
            host, HostFunctions.FetchTarball, arguments, DeploymentJson.Default.FetchTarballArguments, DeploymentJson.Default.FetchedTarball, journal.Id, FetchPatience, told, cancellationToken);
    }

    public Task<SandboxFact> MakeAsync(DeploymentJournal journal, DeployedNode node, SandboxCredentials credentials, Action<string>? told, CancellationToken cancellationToken)
    {
        var arguments = new MakeSandboxArguments
        {
            Deployment = journal.Id,
            Name = node.Sandbox,
            Version = journal.Version,
            Port = node.Port,
            ServerId = node.ServerId,
            Role = node.Role,
            Credentials = credentials,
            RemoteAccess = journal.RemoteAccess,
            UseFilePosition = !journal.UseGtid,
            SemiSync = journal.SemiSync,
            Options = journal.Options,
        };
        return CallAsync(
            node.Host, HostFunctions.MakeSandbox, arguments, DeploymentJson.Default.MakeSandboxArguments, DeploymentJson.Default.SandboxFact, Key(journal, node), ServerPatience, told, cancellationToken);
    }

    public Task<SandboxFact> InitializeAsync(DeploymentJournal journal, DeployedNode node, Action<string>? told, CancellationToken cancellationToken)
    {
        var primary = journal.Nodes[0];
        var arguments = new InitializeSlaveArguments { Deployment = journal.Id, Name = node.Sandbox, SourceHost = primary.Address, SourcePort = primary.Port };
        return CallAsync(
            node.Host, HostFunctions.InitializeSlave, arguments, DeploymentJson.Default.InitializeSlaveArguments, DeploymentJson.Default.SandboxFact, Key(journal, node), ServerPatience, told,
            cancellationToken);
    }

    public Task<SandboxFact> RemoveAsync(DeploymentJournal journal, DeployedNode node, CancellationToken cancellationToken)
    {
        var arguments = new RemoveSandboxArguments { Deployment = journal.Id, Name = node.Sandbox };
        return CallAsync(
            node.Host, HostFunctions.RemoveSandbox, arguments, DeploymentJson.Default.RemoveSandboxArguments, DeploymentJson.Default.SandboxFact, Key(journal, node), ServerPatience, null,
            cancellationToken);
    }

    public Task<SandboxFact> StatusAsync(DeployedNode node, CancellationToken cancellationToken)
        => CallAsync(
            node.Host, HostFunctions.SandboxStatus, new SandboxArguments { Name = node.Sandbox }, DeploymentJson.Default.SandboxArguments, DeploymentJson.Default.SandboxFact, "", LookPatience, null,
            cancellationToken);

    /// <summary>The same for the same step of the same deployment, so that a job given twice is one.</summary>
    private static string Key(DeploymentJournal journal, DeployedNode node) => $"{journal.Id}-{node.Name}";

    private async Task<TResult> CallAsync<TArguments, TResult>(
        string host, string function, TArguments arguments, JsonTypeInfo<TArguments> writes, JsonTypeInfo<TResult> reads, string unique, TimeSpan patience, Action<string>? told,
        CancellationToken cancellationToken)
        where TResult : class
    {
        var answer = await fleet.CallAsync(
            new FleetCall { Host = HostName.Parse(host), Function = function, Body = JobBody.Write(arguments, writes), Unique = unique, Patience = patience, Told = told }, cancellationToken);
        return JobBody.ReadResult(answer, reads, $"{function} on {host}");
    }
}
