using System.Net;

namespace Flotilla.Groups.Transport;

/// <summary>How nodes and clients connect.</summary>
internal sealed record TransportOptions
{
    /// <summary>Shorter ones could be guessed from a recorded handshake.</summary>
    public const int SecretCharactersMin = 16;

    /// <summary>What all nodes know and nobody else; null for none.</summary>
    public string? Secret { get; init; }

    /// <summary>Certificates on both sides of every connection; null for none.</summary>
    public GroupTls? Tls { get; init; }

    /// <summary>Listens beyond loopback without a secret and without TLS: whoever reaches the port is trusted.</summary>
    public bool AllowUnsecured { get; init; }

    /// <summary>What may wait for one peer; frames beyond are dropped, as a network would. 32 MiB.</summary>
    public long PeerOutputLimitBytes { get; init; } = 32L << 20;

    /// <summary>How long a connection may take from its first byte to the end of its handshake. 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection attempt may take. 1 s: the kernel's first repetition comes then, a new attempt is as good.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection that brings nothing for so long is given up and made anew. 3 s.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between attempts: doubles up to <see cref="RetryMax"/>.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between questions to the discovery while somebody it named is not connected. 5 s.</summary>
    public TimeSpan DiscoverEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Inbound connections whose handshake is not over; one more ends the oldest. 128.</summary>
    public int MaxHandshakes { get; init; } = 128;

    /// <summary>External clients at once; more are refused. 1000.</summary>
    public int MaxClients { get; init; } = 1000;

    public IReadOnlyList<string> Validate(IPEndPoint listen)
    {
        List<string> wrong = [];
        if (Secret is { Length: < SecretCharactersMin })
            wrong.Add($"Secret has {Secret.Length} characters, must have at least {SecretCharactersMin}");
        if (Secret is null && Tls is null && !AllowUnsecured && !IPAddress.IsLoopback(listen.Address))
            wrong.Add($"{listen} is reachable by others: give a secret or certificates, or allow unsecured connections explicitly");
        if (PeerOutputLimitBytes < 64 << 10)
            wrong.Add($"PeerOutputLimitBytes is {PeerOutputLimitBytes}, must be at least 64 KiB");
        if (RetryMin <= TimeSpan.Zero || RetryMax < RetryMin)
            wrong.Add($"RetryMin is {RetryMin}, RetryMax {RetryMax}: must be more than 0 and not less than RetryMin");
        return [.. wrong, .. Tls?.Validate() ?? []];
    }
}
