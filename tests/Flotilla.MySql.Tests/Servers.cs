using Flotilla.MySql.Tests;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

[assembly: AssemblyFixture(typeof(Servers))]

namespace Flotilla.MySql.Tests;

/// <summary>The two servers that all tests of this project share; started when first asked for.</summary>
public sealed class Servers : IAsyncLifetime
{
    private readonly Dictionary<DatabaseKind, Task<DatabaseServer>> _started = [];

    private static readonly string[] Common = ["--server-id=1", "--local-infile=1", "--max-allowed-packet=64M"];

    /// <summary>Limits that no loaded machine reaches.</summary>
    public static MySqlOptions Patient { get; } = new() { ConnectTimeout = Patience, CommandTimeout = Patience, KillTimeout = Patience };

    private static TimeSpan Patience => Deadline.Default * 4;

    public Task<DatabaseServer> MariaDbAsync() => GetAsync(DatabaseKind.MariaDb);

    public Task<DatabaseServer> GetAsync(DatabaseKind kind)
    {
        lock (_started)
        {
            if (!_started.TryGetValue(kind, out var server))
            {
                string[] options = kind == DatabaseKind.MariaDb ? [.. Common, "--log-bin", "--plugin-load-add=auth_ed25519"] : [.. Common, "--log-bin=bin"];
                _started[kind] = server = DatabaseServer.StartAsync(kind, options);
            }

            return server;
        }
    }

    public async Task<MySqlOptions> OptionsAsync(DatabaseKind kind)
    {
        var server = await GetAsync(kind);
        return Patient with { Host = server.Host, Port = server.Port };
    }

    public async Task<MySqlConnection> OpenAsync(DatabaseKind kind, Func<MySqlOptions, MySqlOptions>? with = null)
    {
        var options = await OptionsAsync(kind);
        return await MySqlConnection.OpenAsync(with is null ? options : with(options));
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _started.Values)
            await (await server).DisposeAsync();
    }
}
