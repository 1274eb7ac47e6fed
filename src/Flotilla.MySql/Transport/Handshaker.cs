using System.Text;
using Flotilla.MySql.Auth;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql.Transport;

/// <summary>From the server's first packet to its OK: capabilities, TLS, authentication.</summary>
internal sealed class Handshaker(MySqlOptions options, PacketChannel channel)
{
    /// <summary>utf8mb4_general_ci: every version since 5.5 has it.</summary>
    private const byte Utf8Mb4 = 45;

    private const CapabilityFlags Always = CapabilityFlags.LongFlag | CapabilityFlags.Protocol41 | CapabilityFlags.Transactions
        | CapabilityFlags.SecureConnection | CapabilityFlags.MultiResults | CapabilityFlags.PreparedMultiResults | CapabilityFlags.PluginAuth
        | CapabilityFlags.ConnectAttributes | CapabilityFlags.PluginAuthLengthEncoded | CapabilityFlags.SessionTrack | CapabilityFlags.DeprecateEof
        | CapabilityFlags.LongPassword | CapabilityFlags.MariaDbExtendedTypeInfo;

    private readonly byte[] _password = Encoding.UTF8.GetBytes(options.Password);
    private bool _isTls;

    public InitialHandshake Server { get; private set; } = null!;

    /// <summary>What both sides speak.</summary>
    public CapabilityFlags Capabilities { get; private set; }

    /// <summary>The attributes that were sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; } =
    [
        new("_client_name", "flotilla"), new("_pid", Environment.ProcessId.ToString()), new("_os", "linux"), .. options.Attributes,
    ];

    /// <summary>Runs the handshake; <paramref name="encryptAsync"/> puts TLS below the channel when it is called.</summary>
    public async ValueTask RunAsync(Func<ValueTask<IByteTransport>> encryptAsync)
    {
        await channel.ReadAsync();
        if (ErrorPacket.Is(channel.Payload))
            throw ServerError(channel.Payload);
        Server = InitialHandshake.Parse(channel.Payload);
        if ((Server.Capabilities & (CapabilityFlags.Protocol41 | CapabilityFlags.SecureConnection)) != (CapabilityFlags.Protocol41 | CapabilityFlags.SecureConnection))
            throw new MySqlConnectException($"{options.Server} runs {Server.Version}, which is older than MySQL 5.5 and not supported");
        Capabilities = Wanted() & Server.Capabilities;
        if (options.Tls != MySqlTlsMode.None)
        {
            if (!Server.Capabilities.HasFlag(CapabilityFlags.Tls))
                throw new MySqlConnectException($"{options.Server} offers no TLS, but Tls is {options.Tls}: configure a certificate there, or set Tls to None");
            new SslRequest(Capabilities, (uint)options.MaxPacketBytes, Utf8Mb4).Write(channel.Begin());
            await channel.SendAsync();
            channel.Upgrade(await encryptAsync(), isCompressed: false);
            _isTls = true;
        }

        await RespondAsync();
    }

    /// <summary>COM_CHANGE_USER: the same authentication with another beginning.</summary>
    public async ValueTask ChangeUserAsync(string user, string? database)
    {
        var method = Choose(Server.AuthMethod, Server.Nonce, out var name);
        new ChangeUserRequest
        {
            Capabilities = Capabilities, User = user, Answer = method.Begin(), Database = database, Collation = Utf8Mb4, AuthMethod = name, Attributes = Attributes,
        }.Write(channel.BeginCommand());
        await channel.SendAsync();
        await ConverseAsync(method);
    }

    private async ValueTask RespondAsync()
    {
        var method = Choose(Server.AuthMethod, Server.Nonce, out var name);
        new HandshakeResponse
        {
            Capabilities = Capabilities,
            MaxPacketBytes = (uint)options.MaxPacketBytes,
            Collation = Utf8Mb4,
            User = options.User,
            Answer = method.Begin(),
            Database = options.Database,
            AuthMethod = name,
            Attributes = Attributes,
        }.Write(channel.Begin());
        await channel.SendAsync();
        await ConverseAsync(method);
    }

    private async ValueTask ConverseAsync(AuthMethod method)
    {
        while (true)
        {
            await channel.ReadAsync();
            var payload = channel.Payload;
            switch (payload.IsEmpty ? (byte)0xff : payload[0])
            {
                case 0:
                    return;
                case 1:
                    if (method.Continue(payload[1..]) is not { } answer)
                        continue;
                    await SendAsync(answer);
                    break;
                case 0xfe:
                    var wanted = AuthSwitchRequest.Parse(payload);
                    method = Create(wanted.Method, wanted.Nonce)
                        ?? throw new MySqlConnectException($"{options.Server} wants {options.User} to authenticate by {wanted.Method}, which is {Why(wanted.Method)}");
                    await SendAsync(method.Begin());
                    break;
                default:
                    throw ServerError(payload);
            }
        }
    }

    private ValueTask SendAsync(byte[] answer)
    {
        System.Buffers.BuffersExtensions.Write(channel.Begin(), answer);
        return channel.SendAsync();
    }

    private CapabilityFlags Wanted()
    {
        var wanted = Always;
        if (Server.IsMariaDb && !Server.Capabilities.HasFlag(CapabilityFlags.LongPassword))
            wanted &= ~CapabilityFlags.LongPassword;
        if (!string.IsNullOrEmpty(options.Database))
            wanted |= CapabilityFlags.ConnectWithDb;
        if (options.Tls != MySqlTlsMode.None)
            wanted |= CapabilityFlags.Tls;
        if (options.Compress)
            wanted |= CapabilityFlags.Compress;
        if (options.MultiStatements)
            wanted |= CapabilityFlags.MultiStatements;
        if (options.FoundRows)
            wanted |= CapabilityFlags.FoundRows;
        if (options.LocalInfile is not null)
            wanted |= CapabilityFlags.LocalFiles;
        return wanted;
    }

    /// <summary>
    /// The server's default method, if it is one whose first word gives nothing away; else another such, or an empty word. What the account
    /// really needs the server asks for then.
    /// </summary>
    private AuthMethod Choose(string serversDefault, byte[] nonce, out string name)
    {
        foreach (var candidate in new[] { serversDefault, "mysql_native_password", "caching_sha2_password" })
        {
            if (candidate is "mysql_native_password" or "caching_sha2_password" && Create(candidate, nonce) is { } method)
            {
                name = candidate;
                return method;
            }
        }

        name = serversDefault;
        return new UnixSocketIdentity(Context(nonce));
    }

    private AuthMethod? Create(string name, byte[] nonce)
        => options.AuthMethods.Contains(name, StringComparer.Ordinal) ? AuthMethod.Create(name, Context(nonce)) : null;

    private string Why(string name)
        => AuthMethod.Create(name, Context([])) is null ? "not supported" : "not among AuthMethods";

    private AuthContext Context(byte[] nonce) => new()
    {
        Password = _password,
        Nonce = nonce,
        IsTls = _isTls,
        IsUnixSocket = options.UnixSocket is not null,
        AllowPublicKeyRetrieval = options.AllowPublicKeyRetrieval,
        ServerPublicKey = options.ServerPublicKeyFile is { } file ? File.ReadAllText(file) : null,
        IsMariaDb = Server.IsMariaDb,
    };

    private static MySqlServerException ServerError(ReadOnlySpan<byte> payload)
    {
        var error = ErrorPacket.Parse(payload);
        return new MySqlServerException(error.Number, error.SqlState, error.Message);
    }
}
