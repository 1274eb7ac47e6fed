using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Flotilla.MySql.Transport;

/// <summary>Makes sockets, and TLS on top of them, as the options say.</summary>
internal static class Dialer
{
    public static async ValueTask<Socket> DialAsync(MySqlOptions options, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            if (options.UnixSocket is { } path)
            {
                socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await ConnectAsync(socket, new UnixDomainSocketEndPoint(path), cancellationToken);
                return socket;
            }

            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await ConnectAsync(socket, IPAddress.TryParse(options.Host, out var address) ? new IPEndPoint(address, options.Port) : new DnsEndPoint(options.Host, options.Port), cancellationToken);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new MySqlConnectException($"{options.Server} cannot be reached: {e.Message}", e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="Socket.ConnectAsync(EndPoint, CancellationToken)"/>, which for a socket that nobody listens on reads the debug files of all
    /// callers into its exception: megabytes and tenths of a second, in a program that asks a dead server again and again.
    /// </summary>
    private static async Task ConnectAsync(Socket socket, EndPoint remote, CancellationToken cancellationToken)
    {
        using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = remote };
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connecting.Completed += (_, _) => ended.SetResult();
        cancellationToken.ThrowIfCancellationRequested();
        if (socket.ConnectAsync(connecting))
        {
            // Only what has begun can be cancelled.
            await using (cancellationToken.Register(() => Socket.CancelConnectAsync(connecting)))
                await ended.Task;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (connecting.SocketError != SocketError.Success)
            throw new SocketException((int)connecting.SocketError);
    }

    public static async ValueTask<SslStream> EncryptAsync(Socket socket, MySqlOptions options, CancellationToken cancellationToken)
    {
        string? refusal = null;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            var authorities = options.TlsCaFile is { } file ? LoadAuthorities(file) : null;
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.TlsServerName ?? options.Host,
                    ClientCertificates = OwnCertificate(options),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors)
                        => (refusal = Judge(options, authorities, certificate as X509Certificate2, chain, errors)) is null,
                },
                cancellationToken);
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or CryptographicException)
        {
            await stream.DisposeAsync();
            throw new MySqlConnectException($"TLS with {options.Server} failed: {refusal ?? e.Message}", e);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Why the certificate will not do; null when it will.</summary>
    private static string? Judge(
        MySqlOptions options, X509Certificate2Collection? authorities, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (options.Tls == MySqlTlsMode.Required)
            return null;
        if (certificate is null)
            return "the server showed no certificate";
        if (options.Tls == MySqlTlsMode.VerifyFull && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"the server's certificate ({certificate.Subject}) is not for {options.TlsServerName ?? options.Host}";
        if (authorities is null)
            return !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? null : $"no trusted authority signed the server's certificate ({certificate.Subject}): {Say(chain)}";
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        return own.Build(certificate) ? null : $"no authority of {options.TlsCaFile} signed the server's certificate ({certificate.Subject}): {Say(own)}";
    }

    private static string Say(X509Chain? chain)
        => chain is null ? "no chain" : string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()));

    private static X509Certificate2Collection LoadAuthorities(string file)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            if (authorities.Count == 0)
                throw new MySqlConnectException($"TlsCaFile {file} holds no certificate");
            return authorities;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new MySqlConnectException($"TlsCaFile {file} cannot be read: {e.Message}", e);
        }
    }

    private static X509CertificateCollection? OwnCertificate(MySqlOptions options)
    {
        if (options.TlsCertificateFile is not { } file)
            return null;
        try
        {
            return [X509Certificate2.CreateFromPemFile(file, options.TlsKeyFile)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new MySqlConnectException($"TlsCertificateFile {file} cannot be used: {e.Message}", e);
        }
    }
}
