using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Gearman.Admin;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gearman;

/// <summary>
/// The text commands of one job server: what it has and does, and what it is told to do. Thread-safe; connects when first needed and
/// again when the connection was lost.
/// </summary>
/// <remarks>
/// Every method may throw <see cref="NoServerException"/>, <see cref="GearmanServerException"/> (the server answered <c>ERR</c>, as for
/// commands that it does not know), <see cref="ConnectionLostException"/> and <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class GearmanAdmin : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly ILogger _logger;
    private AdminSession? _session;
    private volatile bool _disposed;

    /// <summary>Checks the options; connects when first used.</summary>
    /// <exception cref="GearmanOptionsException">The options have problems.</exception>
    public GearmanAdmin(GearmanAdminOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _logger = options.LoggerFactory.CreateLogger("Flotilla.Gearman.Admin");
    }

    public GearmanAdmin(GearmanAddress server)
        : this(new GearmanAdminOptions { Servers = [server] })
    {
    }

    public GearmanAdminOptions Options { get; }

    public GearmanAddress Server => Options.Servers[0];

    /// <summary>The server's version, without the <c>OK</c> that some put before it.</summary>
    public Task<string> GetVersionAsync(CancellationToken cancellationToken = default) => ValueAsync("version", cancellationToken);

    public Task<string> GetVerbosityAsync(CancellationToken cancellationToken = default) => ValueAsync("verbose", cancellationToken);

    /// <summary>The server's process id.</summary>
    public async Task<int> GetProcessIdAsync(CancellationToken cancellationToken = default)
        => int.TryParse(await ValueAsync("getpid", cancellationToken), CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new GearmanProtocolException("getpid was not answered with a number");

    /// <summary>Jobs and workers of each function.</summary>
    public Task<IReadOnlyList<StatusRow>> GetStatusAsync(CancellationToken cancellationToken = default)
        => RowsAsync<StatusRow>("status", StatusRow.TryParse, cancellationToken);

    /// <summary>Waiting jobs of each function by priority.</summary>
    public Task<IReadOnlyList<PriorityRow>> GetPriorityStatusAsync(CancellationToken cancellationToken = default)
        => RowsAsync<PriorityRow>("prioritystatus", PriorityRow.TryParse, cancellationToken);

    /// <summary>All connections, clients too, this one included.</summary>
    public Task<IReadOnlyList<WorkerRow>> GetWorkersAsync(CancellationToken cancellationToken = default)
        => RowsAsync<WorkerRow>("workers", WorkerRow.TryParse, cancellationToken);

    /// <summary>All jobs. On a long queue this is a long list.</summary>
    public Task<IReadOnlyList<JobRow>> GetJobsAsync(CancellationToken cancellationToken = default)
        => RowsAsync<JobRow>("show jobs", JobRow.TryParse, cancellationToken);

    /// <summary>The unique keys of all jobs.</summary>
    public async Task<IReadOnlyList<UniqueRow>> GetUniqueJobsAsync(CancellationToken cancellationToken = default)
        => [.. (await SendAsync("show unique jobs", isList: true, cancellationToken)).Select(line => UniqueRow.Parse(line))];

    /// <summary>Cancels a job or a schedule; false when the server does not know it.</summary>
    public async Task<bool> CancelJobAsync(string handle, CancellationToken cancellationToken = default)
    {
        try
        {
            await DoAsync($"cancel job {Word(handle)}", cancellationToken);
            return true;
        }
        catch (GearmanServerException refusal) when (refusal.Code == "UNKNOWN_JOB")
        {
            return false;
        }
    }

    public Task CreateFunctionAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"create function {Word(function)}", cancellationToken);

    /// <summary>Forgets a function that has no workers and no jobs that run.</summary>
    public Task DropFunctionAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"drop function {Word(function)}", cancellationToken);

    /// <summary>Limits the queue of a function; 0 for no limit.</summary>
    public Task SetMaxQueueAsync(string function, long limit, CancellationToken cancellationToken = default)
        => DoAsync(string.Create(CultureInfo.InvariantCulture, $"maxqueue {Word(function)} {limit}"), cancellationToken);

    /// <summary>Limits the queue of a function by priority; 0 for no limit.</summary>
    public Task SetMaxQueueAsync(string function, long high, long normal, long low, CancellationToken cancellationToken = default)
        => DoAsync(string.Create(CultureInfo.InvariantCulture, $"maxqueue {Word(function)} {high} {normal} {low}"), cancellationToken);

    /// <summary>Hands no more jobs of a function out. From here on: extensions of Flotilla's server.</summary>
    public Task PauseAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"pause {Word(function)}", cancellationToken);

    /// <summary>Ends a pause or a drain.</summary>
    public Task ResumeAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"resume {Word(function)}", cancellationToken);

    /// <summary>Takes no new jobs of a function; hands out those that wait.</summary>
    public Task DrainAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"drain {Word(function)}", cancellationToken);

    public Task<IReadOnlyList<FunctionDetails>> GetFunctionsAsync(CancellationToken cancellationToken = default)
        => JsonAsync("show functions", AdminJson.Default.FunctionDetails, cancellationToken);

    public async Task<ServerDetails> GetServerAsync(CancellationToken cancellationToken = default)
        => Read(await OneAsync("show server", cancellationToken), AdminJson.Default.ServerDetails);

    /// <summary>A job, or null when the server does not know it.</summary>
    public async Task<JobDetails?> GetJobAsync(string handle, CancellationToken cancellationToken = default)
    {
        try
        {
            return Read(await OneAsync($"show job {Word(handle)}", cancellationToken), AdminJson.Default.JobDetails);
        }
        catch (GearmanServerException refusal) when (refusal.Code == "UNKNOWN_JOB")
        {
            return null;
        }
    }

    /// <summary>The first waiting jobs of a function.</summary>
    public Task<IReadOnlyList<JobDetails>> GetQueueAsync(string function, int max = 100, CancellationToken cancellationToken = default)
        => JsonAsync(
            string.Create(CultureInfo.InvariantCulture, $"show queue {Word(function)} {max}"), AdminJson.Default.JobDetails, cancellationToken);

    /// <summary>Jobs given up, of one function or of all.</summary>
    public Task<IReadOnlyList<JobDetails>> GetDeadAsync(string? function = null, CancellationToken cancellationToken = default)
        => JsonAsync(function is null ? "show dead" : $"show dead {Word(function)}", AdminJson.Default.JobDetails, cancellationToken);

    public Task RetryDeadAsync(string handle, CancellationToken cancellationToken = default)
        => DoAsync($"dead retry {Word(handle)}", cancellationToken);

    public Task DropDeadAsync(string handle, CancellationToken cancellationToken = default)
        => DoAsync($"dead drop {Word(handle)}", cancellationToken);

    public Task RetryAllDeadAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"dead retry all {Word(function)}", cancellationToken);

    public Task DropAllDeadAsync(string function, CancellationToken cancellationToken = default)
        => DoAsync($"dead drop all {Word(function)}", cancellationToken);

    public Task<IReadOnlyList<ScheduleDetails>> GetSchedulesAsync(CancellationToken cancellationToken = default)
        => JsonAsync("show schedules", AdminJson.Default.ScheduleDetails, cancellationToken);

    public Task SetPolicyAsync(string function, FunctionPolicy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return DoAsync($"policy {Word(function)} {policy.ToWords()}", cancellationToken);
    }

    /// <summary>Sends any command that is answered with one line, and returns that line.</summary>
    public async Task<string> SendLineAsync(string command, CancellationToken cancellationToken = default)
        => Encoding.UTF8.GetString((await SendAsync(RequireLine(command), isList: false, cancellationToken))[0]);

    /// <summary>Sends any command that is answered with a list, and returns its lines without the closing point.</summary>
    public async Task<IReadOnlyList<string>> SendListAsync(string command, CancellationToken cancellationToken = default)
        => [.. (await SendAsync(RequireLine(command), isList: true, cancellationToken)).Select(Encoding.UTF8.GetString)];

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _connecting.WaitAsync();
        if (_session is { } session)
        {
            session.Dispose();
            await session.Ended;
        }

        _connecting.Release();
    }

    private delegate bool RowParser<T>(ReadOnlySpan<byte> line, out T? row, out ProtocolError error);

    private static string Word(string word)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        return word.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? throw new ArgumentException("a word of a text command has no white space", nameof(word))
            : word;
    }

    private static string RequireLine(string command)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(command);
        return command.AsSpan().ContainsAny('\r', '\n', '\0') ? throw new ArgumentException("a text command is one line", nameof(command)) : command;
    }

    private static T Read<T>(byte[] line, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(line, type) ?? throw new GearmanProtocolException("null where an object must be");
        }
        catch (JsonException failure)
        {
            throw new GearmanProtocolException($"a line is not the JSON it should be: {failure.Message}");
        }
    }

    private async Task<string> ValueAsync(string command, CancellationToken cancellationToken)
    {
        var line = Encoding.UTF8.GetString(await OneAsync(command, cancellationToken));
        return line.StartsWith("OK ", StringComparison.Ordinal) ? line[3..] : line;
    }

    private async Task DoAsync(string command, CancellationToken cancellationToken)
    {
        var line = await OneAsync(command, cancellationToken);
        if (!line.AsSpan().StartsWith("OK"u8))
            throw new GearmanProtocolException($"'{Encoding.UTF8.GetString(line)}' where OK or ERR must answer");
    }

    private async Task<byte[]> OneAsync(string command, CancellationToken cancellationToken)
    {
        var line = (await SendAsync(command, isList: false, cancellationToken))[0];
        return line.AsSpan().StartsWith("ERR"u8) ? throw Client.ServerReplies.ToException(Encoding.UTF8.GetString(line)) : line;
    }

    private async Task<IReadOnlyList<T>> RowsAsync<T>(string command, RowParser<T> parse, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        foreach (var line in await SendAsync(command, isList: true, cancellationToken))
        {
            rows.Add(parse(line, out var row, out var error)
                ? row!
                : throw new GearmanProtocolException($"a line of {command} can't be read: {error}"));
        }

        return rows;
    }

    private async Task<IReadOnlyList<T>> JsonAsync<T>(string command, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        => [.. (await SendAsync(command, isList: true, cancellationToken)).Select(line => Read(line, type))];

    private async Task<IReadOnlyList<byte[]>> SendAsync(string command, bool isList, CancellationToken cancellationToken)
    {
        var session = await ConnectAsync(cancellationToken);
        return await session.AskAsync(command, isList).WaitAsync(cancellationToken);
    }

    private async Task<AdminSession> ConnectAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Volatile.Read(ref _session) is { IsAlive: true } live)
            return live;
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_session is { IsAlive: true } other)
                return other;
            return _session = await OpenAsync(cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<AdminSession> OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Options.ConnectTimeout, Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        AdminSession? session = null;
        try
        {
            session = new AdminSession(await Dialer.OpenAsync(Server, Options, either.Token), Server, Options);
            if (Options.Secret is { } secret)
            {
                var answer = Encoding.UTF8.GetString((await session.AskAsync($"auth {Word(secret)}", isList: false).WaitAsync(either.Token))[0]);
                if (!answer.StartsWith("OK", StringComparison.Ordinal))
                    throw Client.ServerReplies.ToException(answer);
            }

            Log.Connected(_logger, Server);
            return session;
        }
        catch (Exception failure)
        {
            session?.Dispose();
            if (failure is GearmanServerException || cancellationToken.IsCancellationRequested)
                throw;
            var reason = failure is OperationCanceledException
                ? new GearmanTimeoutException($"connecting to {Server}", Options.ConnectTimeout)
                : failure;
            throw new NoServerException($"{Server} could not be reached: {reason.Message}", [reason]);
        }
    }
}
