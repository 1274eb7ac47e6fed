using System.Security.Cryptography;
using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>The functions about tarballs.</summary>
internal sealed class TarballJobs(HostWorkerOptions options, SandboxRoot root, TarballStore store) : IDisposable
{
    /// <summary>No server's tarball is larger; a source that never ends must not fill the disk.</summary>
    private const long TarballBytesMax = 4L << 30;

    private static readonly TimeSpan ChunkPatience = TimeSpan.FromMinutes(2);

    /// <summary>Only what is configured: so no redirects either.</summary>
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(20) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>One chunk of a tarball; empty behind its end.</summary>
    public async Task<byte[]> ReadAsync(ReadTarballArguments arguments, CancellationToken cancellationToken)
    {
        var path = store.PathOf(arguments.File);
        if (!File.Exists(path) || new FileInfo(path).LinkTarget is not null)
            throw new DeploymentException(DeploymentProblem.NotFound, $"there is no tarball {arguments.File} in {store.Folder}");
        using var file = File.OpenHandle(path, options: FileOptions.Asynchronous);
        var left = Math.Max(0, RandomAccess.GetLength(file) - arguments.Offset);
        var chunk = new byte[Math.Min(left, arguments.Length)];
        for (var at = 0; at < chunk.Length;)
        {
            var read = await RandomAccess.ReadAsync(file, chunk.AsMemory(at), arguments.Offset + at, cancellationToken);
            if (read == 0)
                throw new DeploymentException(DeploymentProblem.Storage, $"{path} became shorter while it was read");
            at += read;
        }

        return chunk;
    }

    /// <summary>Gets a tarball, checks it and unpacks it. What is there already is only checked and unpacked; what fails leaves nothing behind.</summary>
    public async Task<FetchedTarball> FetchAsync(FetchTarballArguments arguments, Action<string> tell, CancellationToken cancellationToken)
    {
        if (TarballName.WhyNotFor(TarballName.OurArchitecture, arguments.File) is { } wrong)
            throw new DeploymentException(DeploymentProblem.BadRequest, wrong);
        _ = ServerTarball.FolderFor(root.ServerFolder, arguments.File);
        Directory.CreateDirectory(store.Folder, SafeFile.Folder);
        using var ours = await store.LockAsync(arguments.File, cancellationToken);
        var path = store.PathOf(arguments.File);
        var isNew = !File.Exists(path);
        if (isNew)
            await DownloadAsync(arguments, path, tell, cancellationToken);
        else if (await store.DigestAsync(path, cancellationToken) is var digest && digest != arguments.Sha256)
            throw new DeploymentException(DeploymentProblem.Checksum, $"{path} is there already, but its sha256 is {digest} and not {arguments.Sha256}; remove it if it is wrong");
        tell($"unpacking {arguments.File}");
        try
        {
            var server = await ServerTarball.UnpackAsync(root.ServerFolder, path, ServerFinder.Create(), cancellationToken);
            return new FetchedTarball
            {
                File = arguments.File,
                SizeBytes = new FileInfo(path).Length,
                Server = new ServerFact { IsMariaDb = server.IsMariaDb, Version = server.Version.ToString(), Program = server.Server },
            };
        }
        catch
        {
            if (isNew)
                File.Delete(path);
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task DownloadAsync(FetchTarballArguments arguments, string path, Action<string> tell, CancellationToken cancellationToken)
    {
        var part = store.PartOf(arguments.File);
        try
        {
            await using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
            using (var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                var sink = new TarballSink(file, digest, arguments.File, tell, TarballBytesMax);
                if (arguments.From is { } from)
                    await FromHostAsync(arguments.File, HostName.Parse(from), sink, cancellationToken);
                else
                    await FromWebAsync(arguments, sink, cancellationToken);
                file.Flush(flushToDisk: true);
                var got = Convert.ToHexStringLower(digest.GetHashAndReset());
                if (got != arguments.Sha256)
                    throw new DeploymentException(DeploymentProblem.Checksum, $"{arguments.File} came with the sha256 {got}, {arguments.Sha256} was expected; it was thrown away");
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private async Task FromHostAsync(string file, HostName from, TarballSink sink, CancellationToken cancellationToken)
    {
        await using var fleet = new Fleet(options.Access);
        while (true)
        {
            var arguments = new ReadTarballArguments { File = file, Offset = sink.Bytes, Length = ReadTarballArguments.LengthMax };
            var chunk = await fleet.CallAsync(
                new FleetCall
                {
                    Host = from, Function = HostFunctions.ReadTarball, Body = JobBody.Write(arguments, DeploymentJson.Default.ReadTarballArguments), Patience = ChunkPatience,
                },
                cancellationToken);
            if (chunk.Length == 0)
                return;
            await sink.WriteAsync(chunk, cancellationToken);
        }
    }

    private async Task FromWebAsync(FetchTarballArguments arguments, TarballSink sink, CancellationToken cancellationToken)
    {
        var known = options.TarballUrls.FirstOrDefault(one => one.File == arguments.File) ?? throw new DeploymentException(
            DeploymentProblem.NotFound, $"no URL is configured on {options.Name} for {arguments.File}; name another host to get it from, or add a line to the worker's --tarball-urls");
        if (known.Sha256 != arguments.Sha256)
            throw new DeploymentException(DeploymentProblem.Checksum, $"{options.Name} expects the sha256 {known.Sha256} of {arguments.File}, the job {arguments.Sha256}");
        try
        {
            using var response = await _http.GetAsync(known.Url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new DeploymentException(DeploymentProblem.NotFound, $"{known.Url} answered {(int)response.StatusCode} {response.ReasonPhrase}");
            var size = response.Content.Headers.ContentLength;
            if (size > new DriveInfo(root.Folder).AvailableFreeSpace)
                throw new DeploymentException(DeploymentProblem.Storage, $"{arguments.File} has {size >> 20} MiB, more than is left on the disk of {root.Folder}");
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[128 << 10];
            for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
                await sink.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new DeploymentException(DeploymentProblem.Unreachable, $"{known.Url} can't be got: {failure.Message}", failure);
        }
    }
}
