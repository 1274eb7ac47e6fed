using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.Groups.Transport;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Nodes that show one another certificates, and hooks that may say no.</summary>
[Trait("tier", "full")]
[Collection(nameof(HealingCluster))]
public sealed class TlsAndHooksTests(TlsAndHooksTests.Cluster cluster, ITestOutputHelper output) : IClassFixture<TlsAndHooksTests.Cluster>
{
    [Fact]
    public async Task AServerWhoseHookSaysNoIsNotMadePrimaryAndTheHookAfterIsToldOfTheOther()
    {
        var old = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await Deadline.UntilAsync(() => cluster.Promoted is [var first] && first == $"{old} 1", "the hook after the first promotion ran");
        // With all else equal the first by name would be chosen.
        var refused = ((ServerName[])[new("db-a"), new("db-b"), new("db-c")]).First(server => server != old);
        cluster.Refuse(refused);
        await using var load = await Load.StartAsync(cluster);

        cluster.SignalServer(old, "KILL");
        var status = await cluster.UntilAsync(status => status.Primary is { } primary && primary.Name != old, "another primary");

        Assert.NotEqual(refused, status.Primary!.Name);
        cluster.Refuse(null);
        await cluster.UntilHealthyAsync();
        await Deadline.UntilAsync(() => cluster.Promoted.Last() == $"{status.Primary!.Name} {status.State!.LastEpoch}", "the hook after the promotion ran");
        await load.CheckAsync(output, "kill -9 of the primary, and the hook of the first candidate says no");
    }

    /// <summary>Three nodes with certificates and hooks.</summary>
    public sealed class Cluster : HealingCluster
    {
        private readonly TestCertificates _certificates = new();
        private readonly string _told = Directory.CreateTempSubdirectory("flotilla-hooks-").FullName;
        private System.Security.Cryptography.X509Certificates.X509Certificate2? _authority;

        /// <summary>What the hooks after promotions were told, server and epoch.</summary>
        internal IReadOnlyList<string> Promoted => Path.Combine(_told, "promoted") is var file && File.Exists(file) ? File.ReadAllLines(file) : [];

        internal void Refuse(ServerName? server) => File.WriteAllText(Path.Combine(_told, "refused"), $"{server}\n");

        public override async ValueTask InitializeAsync()
        {
            _authority = _certificates.MakeAuthority("authority");
            Refuse(null);
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _authority?.Dispose();
            _certificates.Dispose();
            Directory.Delete(_told, recursive: true);
        }

        protected override ClusterNodeOptions Configure(ClusterNodeOptions options)
        {
            var (certificate, authority) = _certificates.MakeNodeFiles(_authority!, options.Node.ToString());
            return options with
            {
                Tls = new GroupTls { CertificatePath = certificate, AuthorityPath = authority },
                BeforePromotion = Shell($"! grep -qx \"$FLOTILLA_SERVER\" {_told}/refused || {"{"} echo not this one >&2; exit 1; {"}"}"),
                AfterPromotion = Shell($"echo \"$FLOTILLA_SERVER $FLOTILLA_EPOCH\" >> {_told}/promoted"),
            };
        }

        private static HookOptions Shell(string script) => new() { Command = ["/bin/sh", "-c", script] };
    }
}
