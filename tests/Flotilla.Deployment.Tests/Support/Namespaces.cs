namespace Flotilla.Deployment.Tests.Support;

/// <summary>Hosts in network namespaces: each with an address of its own behind a bridge, all gone on dispose.</summary>
internal sealed class Namespaces : IAsyncDisposable
{
    private readonly string _tag = $"fd{Environment.ProcessId % 100_000:x}{Random.Shared.Next(256):x2}";
    private readonly string _net = $"10.{Random.Shared.Next(100, 250)}.{Random.Shared.Next(1, 255)}";
    private readonly List<string> _names = [];

    private Namespaces()
    {
    }

    /// <summary>Where this process is reached by the hosts.</summary>
    public string Here => $"{_net}.1";

    /// <summary>Null where they are not permitted.</summary>
    public static async Task<Namespaces?> TryCreateAsync(int hosts)
    {
        var made = new Namespaces();
        try
        {
            if (!await made.TryAsync("link", "add", made._tag, "type", "bridge"))
                return null;
            await made.MustAsync("addr", "add", $"{made.Here}/24", "dev", made._tag);
            await made.MustAsync("link", "set", made._tag, "up");
            for (var at = 1; at <= hosts; at++)
            {
                if (!await made.TryAddAsync(at))
                {
                    await made.DisposeAsync();
                    return null;
                }
            }

            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    public string AddressOf(int host) => $"{_net}.{host + 10}";

    /// <summary>Words of shell that run the program behind them on that host.</summary>
    public string Prefix(int host) => $"exec ip netns exec {_names[host - 1]} dotnet \"$@\";";

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _names)
            await TryAsync("netns", "del", name);
        await TryAsync("link", "del", _tag);
    }

    private async Task<bool> TryAddAsync(int host)
    {
        var (name, outer, inner) = ($"{_tag}n{host}", $"{_tag}o{host}", $"{_tag}i{host}");
        if (!await TryAsync("netns", "add", name))
            return false;
        _names.Add(name);
        await MustAsync("link", "add", outer, "type", "veth", "peer", "name", inner);
        await MustAsync("link", "set", inner, "netns", name);
        await MustAsync("link", "set", outer, "master", _tag);
        await MustAsync("link", "set", outer, "up");
        await MustAsync("-n", name, "addr", "add", $"{AddressOf(host)}/24", "dev", inner);
        await MustAsync("-n", name, "link", "set", inner, "up");
        await MustAsync("-n", name, "link", "set", "lo", "up");
        return true;
    }

    private async Task<bool> TryAsync(params string[] arguments)
    {
        try
        {
            return (await Shell.RunAsync("ip", arguments)).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private Task MustAsync(params string[] arguments) => Shell.MustAsync("ip", arguments);
}
