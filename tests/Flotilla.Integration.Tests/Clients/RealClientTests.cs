using System.Net;
using Flotilla.Integration.Tests.Peers;
using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Clients;

/// <summary>
/// PHP, Perl and C clients and workers as their users install them. The programs are the same for both servers; C gearmand
/// comes first to show that they are right. A worker process plays role `all` (reverse, data, warning, status, exception, fail,
/// record), `sleepy` (has a second, takes longer) or `wakeful`.
/// </summary>
public sealed class RealClientTests
{
    private static readonly string[] Languages = ["php", "perl", "c"];

    public static TheoryData<ServerKind, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<ServerKind, string, string>();
            foreach (var kind in Enum.GetValues<ServerKind>())
            {
                foreach (var language in Languages)
                {
                    foreach (var item in ClientExpectations.Items)
                        cases.Add(kind, language, item);
                }
            }

            return cases;
        }
    }

    [Theory]
    [Trait("tier", "full")]
    [MemberData(nameof(Cases))]
    public async Task ClientsAndWorkersFindWhatTheyKnow(ServerKind kind, string language, string item)
    {
        Peer.Require();
        var folder = Directory.CreateTempSubdirectory("flotilla-clients-").FullName;
        try
        {
            await using var run = new Run(kind, language, folder);
            var lines = item switch
            {
                "priorities" or "unique" => await run.SubmitBeforeTheWorkerComesAsync(item),
                "timeout" => await run.LetASecondWorkerTakeOverAsync(),
                "reconnect" => await run.RestartTheServerAsync(),
                "two-servers" => await run.StopOneOfTwoServersAsync(),
                _ => await run.CallAsync(item),
            };
            var (output, record) = ClientExpectations.Of(language, item);
            Assert.Equal(output, lines, StringComparer.Ordinal);
            await run.RecordIsAsync(record);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Run(ServerKind kind, string language, string folder) : IAsyncDisposable
    {
        private readonly List<IAsyncDisposable> _owned = [];

        public async Task<IReadOnlyList<string>> CallAsync(string item)
        {
            var server = await ServerAsync();
            await WorkerAsync("all", "reverse", server.Endpoint);
            return await FinishAsync(Client(item, server.Endpoint));
        }

        public async Task<IReadOnlyList<string>> SubmitBeforeTheWorkerComesAsync(string item)
        {
            var server = await ServerAsync();
            var lines = await FinishAsync(Client(item, server.Endpoint));
            await WorkerAsync("all", "record", server.Endpoint);
            return lines;
        }

        public async Task<IReadOnlyList<string>> LetASecondWorkerTakeOverAsync()
        {
            var server = await ServerAsync();
            await WorkerAsync("sleepy", "sleepy", server.Endpoint);
            var client = Client("timeout", server.Endpoint);
            await Deadline.UntilAsync(
                async () => (await AdminLine.StatusAsync(server.Endpoint, "sleepy")).Running == 1, "the sleepy worker has the job");
            await Deadline.UntilAsync(
                async () => await AdminLine.StatusAsync(server.Endpoint, "sleepy") is (1, 0, _), "the server takes the job back");
            Own(ClientLanguage.Start(language, "worker", server.Endpoint.ToString(), folder, "wakeful"));
            return await FinishAsync(client);
        }

        public async Task<IReadOnlyList<string>> RestartTheServerAsync()
        {
            var server = await ServerAsync();
            await WorkerAsync("all", "reverse", server.Endpoint);
            var client = Client("reconnect", server.Endpoint);
            await client.UntilAsync("complete olleh");
            await server.StopAsync();
            await server.StartAgainAsync();
            client.WriteLine("go on");
            return await FinishAsync(client);
        }

        public async Task<IReadOnlyList<string>> StopOneOfTwoServersAsync()
        {
            var (one, two) = (await ServerAsync(), await ServerAsync());
            await WorkerAsync("all", "reverse", one.Endpoint, two.Endpoint);
            var client = Client("reconnect", one.Endpoint, two.Endpoint);
            await client.UntilAsync("complete olleh");
            await one.StopAsync();
            client.WriteLine("go on");
            return await FinishAsync(client);
        }

        public async Task RecordIsAsync(string[] expected)
        {
            var path = Path.Combine(folder, "record");
            string[] Recorded() => File.Exists(path) ? File.ReadAllLines(path) : [];
            await Deadline.UntilAsync(() => Recorded().Length >= expected.Length, $"the worker records {expected.Length} jobs");
            Assert.Equal(expected, Recorded(), StringComparer.Ordinal);
        }

        public async ValueTask DisposeAsync()
        {
            for (var last = _owned.Count - 1; last >= 0; last--)
                await _owned[last].DisposeAsync();
        }

        private static async Task<IReadOnlyList<string>> FinishAsync(ClientProgram client)
        {
            Assert.True(await client.ExitAsync() == 0, client.Errors);
            return client.Lines;
        }

        private async Task<IServerUnderTest> ServerAsync() => Own(await Server.StartAsync(kind));

        private ClientProgram Client(string item, params IPEndPoint[] servers) =>
            Own(ClientLanguage.Start(language, "client", item, string.Join(',', servers.Select(server => server.ToString())), folder));

        private async Task WorkerAsync(string role, string function, params IPEndPoint[] servers)
        {
            Own(ClientLanguage.Start(language, "worker", string.Join(',', servers.Select(server => server.ToString())), folder, role));
            foreach (var server in servers)
            {
                await Deadline.UntilAsync(
                    async () => (await AdminLine.StatusAsync(server, function)).Workers > 0, $"the {language} worker says what it can do");
            }
        }

        private T Own<T>(T resource)
            where T : IAsyncDisposable
        {
            _owned.Add(resource);
            return resource;
        }
    }
}
