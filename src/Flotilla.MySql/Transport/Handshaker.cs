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

    private MySqlOptions _options = options;
    private bool _isTls;

    public InitialHandshake Server { get; private set; } = null!;

    /// <summary>What both sides speak.</summary>
    public CapabilityFlags Capabilities { get; private set; }

    /// <summary>The attributes that were sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; } =
    [
        new("_client_name", "flotilla"), new("_pid", Environment.ProcessId.ToString()), .. options.Attributes,
    ];

    /// <summary>Runs the handshake; <paramref name="encryptAsync"/> puts TLS below the channel when it is called.</summary>
    public async ValueTask RunAsync(Func<ValueTask<IByteTransport>> encryptAsync)
    {
        await channel.ReadAsync();
        if (ErrorPacket.Is(channel.Payload))
            throw ServerError(channel.Payload);
        Server = InitialHandshake.Parse(channel.Payload);
        if ((Server.Capabilities & (CapabilityFlags.Protocol41 | CapabilityFlags.SecureConnection)) != (CapabilityFlags.Protocol41 | CapabilityFlags.SecureConnection))
            throw new MySqlConnectException($"{_options.Server} runs {Server.Version}, which is older than MySQL 5.5 and not supported");
        Capabilities = Wanted() & Server.Capabilities;
        if (_options.Tls != MySqlTlsMode.None)
        {
            if (!Server.Capabilities.HasFlag(CapabilityFlags.Tls))
                throw new MySqlConnectException($"{_options.Server} offers no TLS, but Tls is {_options.Tls}: configure a certificate there, or set Tls to None");
            channel.RequireNothingUnread();
            new SslRequest(Capabilities, (uint)_options.MaxPacketBytes, Utf8Mb4).Write(channel.Begin());
            await channel.SendAsync();
            channel.Upgrade(await encryptAsync(), isCompressed: false);
            _isTls = true;
        }

        await RespondAsync();
    }

    /// <summary>COM_CHANGE_USER: the same authentication with another beginning.</summary>
    public async ValueTask ChangeUserAsync(MySqlOptions changed)
    {
        _options = changed;
        var method = Choose(Server.AuthMethod, Server.Nonce, out var name);
        new ChangeUserRequest
        {
            Capabilities = Capabilities,
            User = changed.User,
            Answer = method.Begin(),
            Database = changed.Database,
            Collation = Utf8Mb4,
            AuthMethod = name,
            Attributes = Attributes,
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
            MaxPacketBytes = (uint)_options.MaxPacketBytes,
            Collation = Utf8Mb4,
            User = _options.User,
            Answer = method.Begin(),
            Database = _options.Database,
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
                        ?? throw new MySqlConnectException($"{_options.Server} wants {_options.User} to authenticate by {wanted.Method}, which is {Why(wanted.Method)}");
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
        if (!string.IsNullOrEmpty(_options.Database))
            wanted |= CapabilityFlags.ConnectWithDb;
        if (_options.Tls != MySqlTlsMode.None)
            wanted |= CapabilityFlags.Tls;
        if (_options.Compress)
            wanted |= CapabilityFlags.Compress;
        if (_options.MultiStatements)
            wanted |= CapabilityFlags.MultiStatements;
        if (_options.FoundRows)
            wanted |= CapabilityFlags.FoundRows;
        if (_options.LocalInfile is not null)
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
        => _options.AuthMethods.Contains(name, StringComparer.Ordinal) ? AuthMethod.Create(name, Context(nonce)) : null;

    private string Why(string name)
        => AuthMethod.Create(name, Context([])) is null ? "not supported" : "not among AuthMethods";

    private AuthContext Context(byte[] nonce) => new()
    {
        Password = Encoding.UTF8.GetBytes(_options.Password),
        Nonce = nonce,
        IsTls = _isTls,
        IsUnixSocket = _options.UnixSocket is not null,
        AllowPublicKeyRetrieval = _options.AllowPublicKeyRetrieval,
        ServerPublicKey = _options.ServerPublicKeyFile is { } file ? ReadKey(file) : null,
        IsMariaDb = Server.IsMariaDb,
    };

    private static string ReadKey(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MySqlConnectException($"ServerPublicKeyFile {file} cannot be read: {e.Message}", e);
        }
    }

    private static MySqlServerException ServerError(ReadOnlySpan<byte> payload)
    {
        var error = ErrorPacket.Parse(payload);
        return new MySqlServerException(error.Number, error.SqlState, error.Message);
    }
}
