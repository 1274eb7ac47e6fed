using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <content>A person who looks after the server that is only watched: nobody else starts it, ends it or fills it anew.</content>
public sealed partial class ClusterWorld
{
    private void LookAfter(ModelServer server)
    {
        After(Random.Next(500, 4_000) * 1_000_000L, () => LookAfter(server));
        if (IsOff(server.Host))
            return;
        if (!server.IsRunning)
        {
            // As start.cnf has it: read-only, without a receiver, and nothing is taken away.
            server.Begin(ServerRole.Primary);
            Guard(server).ServerBegins();
            Node(server.Host).TellGuard();
            Count("a person starts the watched server");
        }
        else if (server.IsHung)
        {
            server.Kill("a person ends it");
        }
        else if (Reason(server).Contains("only watched: stop it, fill it yourself", StringComparison.Ordinal) && Servers.Find(other => other is { IsRunning: true, IsReadOnly: false, IsMute: false } && IsLinked(server.Host, other.Host)) is { } primary)
        {
            server.Kill("a person fills it anew");
            server.FillFrom(primary);
            Count("a person fills the watched server anew");
        }
    }
}
