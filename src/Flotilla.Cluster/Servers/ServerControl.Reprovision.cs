using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <content>
/// A server filled anew from another: the donor sends, the receiver takes while its server may still run, changes folders while it does not, and tells the started server where it is.
/// </content>
public sealed partial class ServerControl
{
    /// <summary>Sends a backup of this server, which may be at work meanwhile. The other end learns whether it is whole.</summary>
    public async Task SendBackupAsync(Stream output, CancellationToken cancellationToken = default)
    {
        const string action = "send a backup";
        if (_server is not { Programs.Backup: { } program, DataFolder: { } data })
            throw _runner.Unsupported(action, "mariadb-backup is not installed beside it, or it is on another host");
        var folder = Directory.CreateTempSubdirectory("flotilla-backup-").FullName;
        try
        {
            var options = Path.Combine(folder, "options");
            WriteSecret(options, ClientOptions(_server.Session));
            var failure = await ProgramPipe.RunAsync(
                program,
                [$"--defaults-file={options}", "--backup", "--stream=mbstream", $"--target-dir={folder}", $"--datadir={data}"],
                _server.Programs.LibraryFolders,
                input: null,
                new BackupWriter(output),
                cancellationToken);
            await BackupFrames.WriteEndAsync(output, failure, cancellationToken);
            if (failure is not null)
                throw _runner.Failed(action, program, failure);
        }
        catch (IOException failure)
        {
            throw _runner.Failed(action, program, failure.Message, failure);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Takes a backup and makes a data folder of it, beside the one in use.</summary>
    public async Task ReceiveBackupAsync(Stream input, CancellationToken cancellationToken = default)
    {
        const string action = "receive a backup";
        if (_server is not { Programs: { Backup: { } backup, BackupStream: { } unpack } programs, DataFolder: { } path })
            throw _runner.Unsupported(action, "mariadb-backup or mbstream is not installed beside it, or it is on another host");
        var data = new DataFolder(path);
        try
        {
            DataFolder.Delete(data.Ready);
            DataFolder.Delete(data.Filling);
            Directory.CreateDirectory(data.Filling, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await RunAsync(unpack, ["-x", "-C", data.Filling], new BackupReader(input));
            await RunAsync(backup, ["--no-defaults", "--prepare", $"--target-dir={data.Filling}"]);
            if (BackupInfo.Find(data.Filling) is null)
                throw _runner.Failed(action, backup, "the backup has no position");
            if (Directory.Exists(data.Path))
                await RunAsync("chown", ["--recursive", $"--reference={data.Path}", data.Filling]);
            await RunAsync("sync", ["--file-system", data.Filling]);
            Directory.Move(data.Filling, data.Ready);
            data.FlushNames();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw _runner.Failed(action, unpack, failure.Message, failure);
        }

        async Task RunAsync(string program, IEnumerable<string> arguments, Stream? from = null)
        {
            if (await ProgramPipe.RunAsync(program, arguments, programs.LibraryFolders, from, Stream.Null, cancellationToken) is { } failure)
                throw _runner.Failed(action, program, failure);
        }
    }

    /// <summary>Tells a server that was filled anew where it is, before it follows anybody. Does nothing for one that was told.</summary>
    /// <param name="donorState">The donor's or the primary's <c>gtid_binlog_state</c>, of any time after the backup.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task AdoptBackupAsync(string donorState, CancellationToken cancellationToken = default)
    {
        const string action = "adopt a backup";
        if (_server.DataFolder is not { } folder)
            throw _runner.Unsupported(action, "it is on another host");
        return _runner.RunAsync(
            action,
            _limits.Quick,
            async session =>
            {
                if (BackupInfo.Find(folder) is not { } info)
                    return;
                var position = BackupInfo.Read(info);
                await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
                await SetHistoryAsync(session, position.ToString(), GtidState.At(position, GtidState.Parse(donorState)).ToString());
                File.Delete(info);
            },
            cancellationToken);
    }

    private static string ClientOptions(MySqlOptions session)
    {
        var place = session.UnixSocket is { } socket ? $"socket={socket}" : $"host={session.Host}\nport={session.Port}\nprotocol=tcp";
        return $"[client]\nuser={session.User}\npassword={session.Password}\n{place}\n";
    }

    private static void WriteSecret(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using var writer = new StreamWriter(file);
        writer.Write(text);
    }
}
