namespace Flotilla.Sandbox;

/// <summary>Who replicates from whom in a sandbox.</summary>
internal static class GroupWiring
{
    /// <summary>The sources of a replica, with everything it needs to connect.</summary>
    public static IReadOnlyList<ReplicationSource> SourcesOf(NodeFiles node)
    {
        var isMultiSource = node.Spec.Topology is SandboxTopology.AllMasters or SandboxTopology.FanIn;
        return [.. node.Node.Sources.Select(name => node.Record.Nodes.Single(one => one.Name == name)).Select(source => new ReplicationSource
        {
            Host = node.Spec.Host,
            Port = source.Port,
            Password = node.Credentials.Replication,
            Channel = isMultiSource ? source.Name : "",
            UseGtid = node.Spec.HasGtid,
            CertificateAuthority = node.Spec.Tls ? node.Tls.Authority : null,
        })];
    }
}
