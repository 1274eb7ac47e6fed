using System.Buffers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql.Tests;

/// <summary>The server's side of one connection, written down step by step by a test.</summary>
internal sealed class FakeSession(Stream stream)
{
    public static readonly byte[] Nonce = Convert.FromHexString("5a694a7e1e30253803 17737f451629 54207b2b76".Replace(" ", ""));

    private Stream _stream = stream;

    public byte Sequence { get; set; }

    public async Task SendAsync(byte[] payload)
    {
        byte[] packet = [(byte)payload.Length, (byte)(payload.Length >> 8), (byte)(payload.Length >> 16), Sequence++, .. payload];
        await _stream.WriteAsync(packet);
    }

    public Task SendRawAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    public async Task<byte[]> ReceiveAsync()
    {
        var header = new byte[4];
        await _stream.ReadExactlyAsync(header);
        var payload = new byte[header[0] | header[1] << 8 | header[2] << 16];
        await _stream.ReadExactlyAsync(payload);
        Sequence = (byte)(header[3] + 1);
        return payload;
    }

    /// <summary>Says hello as MySQL 8 does; nothing about TLS unless asked to.</summary>
    public async Task GreetAsync(string method, bool offersTls = false, string version = "8.4.0")
    {
        var capabilities = CapabilityFlags.LongPassword | CapabilityFlags.LongFlag | CapabilityFlags.ConnectWithDb | CapabilityFlags.Protocol41
            | CapabilityFlags.Transactions | CapabilityFlags.SecureConnection | CapabilityFlags.PluginAuth | CapabilityFlags.PluginAuthLengthEncoded
            | CapabilityFlags.DeprecateEof | CapabilityFlags.SessionTrack | CapabilityFlags.MultiResults | CapabilityFlags.LocalFiles;
        if (offersTls)
            capabilities |= CapabilityFlags.Tls;
        await SendAsync(Hello(method, capabilities, version));
    }

    public static byte[] Hello(string method, CapabilityFlags capabilities, string version)
    {
        var hello = new ArrayBufferWriter<byte>();
        hello.WriteByte(10);
        hello.WriteNulTerminated(version);
        hello.WriteUInt32(77);
        hello.Write(Nonce.AsSpan(0, 8));
        hello.WriteByte(0);
        hello.WriteUInt16((ushort)capabilities);
        hello.WriteByte(255);
        hello.WriteUInt16((ushort)ServerStatus.AutoCommit);
        hello.WriteUInt16((ushort)((uint)capabilities >> 16));
        hello.WriteByte((byte)(Nonce.Length + 1));
        hello.WriteZeros(10);
        hello.Write(Nonce.AsSpan(8));
        hello.WriteByte(0);
        hello.WriteNulTerminated(method);
        return hello.WrittenSpan.ToArray();
    }

    public async Task<HandshakeResponse> ReceiveResponseAsync() => HandshakeResponse.Parse(await ReceiveAsync());

    public async Task EncryptAsync(X509Certificate2 certificate)
    {
        var request = await ReceiveAsync();
        Assert.Equal(32, request.Length);
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsServerAsync(certificate);
        _stream = tls;
    }

    public Task OkAsync() => SendAsync([0, 0, 0, 2, 0, 0, 0]);

    public Task ErrorAsync(ushort number, string state, string message)
        => SendAsync([0xff, (byte)number, (byte)(number >> 8), (byte)'#', .. Encoding.UTF8.GetBytes(state), .. Encoding.UTF8.GetBytes(message)]);

    public Task SwitchAsync(string method, byte[] nonce) => SendAsync([0xfe, .. Encoding.UTF8.GetBytes(method), 0, .. nonce, 0]);
}
