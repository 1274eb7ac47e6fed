namespace Flotilla.Cluster.Core;

/// <summary>All that a server's next step depends on, once it has answered.</summary>
internal readonly record struct ServerView(ClusterState State, ServerState Server, ServerNotes Notes, ServerObservation Seen, AgentOptions Options, long NowNs)
{
    /// <summary>Whether its source is that server.</summary>
    public bool IsFrom(ServerName name) => SourceOf(State, Seen) == name;

    /// <summary>Which server of the cluster it replicates from.</summary>
    public static ServerName? SourceOf(ClusterState state, ServerObservation seen)
    {
        if (seen.Replica is not { } replica)
            return null;
        foreach (var server in state.Servers)
        {
            if (server.Spec.Port == replica.SourcePort && server.Spec.Host == replica.SourceHost)
                return server.Name;
        }

        return null;
    }
}
