using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Flotilla.Cli.Hosting;
using Flotilla.JobServer;

namespace Flotilla.Cli.Gearmand;

/// <summary>Runs our job server in gearmand's place: its options, pid file, signals, log lines and exit codes (0 and 1).</summary>
internal sealed class GearmandLauncher(IConsole console, string program, string version)
{
    /// <summary>Not among .NET's names; raw numbers are allowed.</summary>
    private const PosixSignal User1 = (PosixSignal)10;

    private readonly TaskCompletionSource<bool> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="arguments">Without the program's name.</param>
    /// <returns>The process's exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var invocation = GearmandArguments.Parse(arguments, console.Variable, ReadFile);
        switch (invocation.Intent)
        {
            case GearmandIntent.Refuse:
                return Refuse(invocation.Error!);
            case GearmandIntent.CheckOnly:
                return 0;
            case GearmandIntent.ShowHelp:
                console.Output.Write(GearmandHelp.HelpText());
                return 0;
            case GearmandIntent.ShowVersion:
                console.Output.Write(GearmandHelp.VersionText(version));
                return 0;
            case GearmandIntent.Serve:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(arguments), invocation.Intent, null);
        }

        var settings = invocation.Settings;
        var isSecond = DaemonStart.IsSecondProcess;
        if (settings.IsDaemon && !isSecond)
            return DaemonStart.StartSecondProcess(arguments, console.Error);
        try
        {
            if (isSecond)
                DaemonStart.LeaveSession();
            Libc.TakeInterrupts();
            ApplyLimits(settings);
            return await ServeAsync(settings, isSecond);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return Refuse(failure.Message);
        }
    }

    private static string? ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void ApplyLimits(GearmandSettings settings)
    {
        if (settings.FileDescriptors is { } count)
            Libc.LimitFileDescriptors(count);
        if (settings.CoreDump)
            Libc.AllowCoreDumps();
        if (settings.User is { } user && !Libc.TrySwitchUser(user))
            throw new IOException($"Could not find user : {user}");
    }

    private async Task<int> ServeAsync(GearmandSettings settings, bool isSecond)
    {
        using var log = GearmandLog.Open(settings, program, console.Error, console.Clock);
        using var loggers = new GearmandLoggerProvider(log);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnStop(context, isGraceful: false));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnStop(context, isGraceful: false));
        using var graceful = PosixSignalRegistration.Create(User1, context => OnStop(context, isGraceful: true));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            log.Reopen();
        });
        foreach (var word in settings.IgnoredWords)
            log.Write(GearmandVerbosity.Warning, $"the configuration file has a word that is no option: {word}");
        try
        {
            await using var server = await StartAsync(settings, log, loggers);
            // Not sooner: who fails to start must not take the file of the one that runs.
            using var pidFile = PidFile.Create(settings.PidFile);
            if (isSecond)
                DaemonStart.ReportReady();
            var isFinished = await Task.WhenAny(_stop.Task, server.Completion) == server.Completion;
            if (isFinished)
                await server.Completion;
            await server.StopAsync(drain: !isFinished && await _stop.Task);
            foreach (var endpoint in server.Endpoints)
                log.Write(GearmandVerbosity.Info, $"Closing listening socket ({GearmandServer.Describe(endpoint)})");
            return 0;
        }
        catch (Exception failure) when (failure is SocketException or JobStoreException or ArgumentException or InvalidOperationException)
        {
            log.Write(GearmandVerbosity.Error, failure.Message);
            if (settings.LogFile != "stderr" || settings.UsesSyslog)
                console.Error.WriteLine($"{program}: {failure.Message}");
            return 1;
        }
        finally
        {
            log.Write(GearmandVerbosity.Info, "Shutdown complete");
        }
    }

    private async Task<JobServerHost> StartAsync(GearmandSettings settings, GearmandLog log, GearmandLoggerProvider loggers)
    {
        var store = await GearmandQueue.CreateAsync(settings, log, CancellationToken.None);
        log.Write(GearmandVerbosity.Info, $"Initializing Gear on port {settings.Port} with SSL: {(settings.Ssl ? "true" : "false")}");
        if (string.Equals(settings.Protocol, "http", StringComparison.OrdinalIgnoreCase))
            log.Write(GearmandVerbosity.Info, "Initializing HTTP");
        log.Write(
            GearmandVerbosity.Info,
            $"Starting up with pid {Environment.ProcessId}, verbose is set to {GearmandLogLine.NameOf(settings.Verbosity)}");
        JobServerOptions options;
        try
        {
            options = GearmandServer.CreateOptions(settings, store, version, loggers.CreateLogger("gearmand"), console.Clock);
        }
        catch (IOException failure)
        {
            log.Write(GearmandVerbosity.Error, failure.Message);
            throw;
        }

        try
        {
            var server = await JobServerHost.StartAsync(options);
            foreach (var endpoint in server.Endpoints)
                log.Write(GearmandVerbosity.Info, $"Listening on {GearmandServer.Describe(endpoint)}");
            return server;
        }
        catch (SocketException failure)
        {
            var addresses = string.Join(", ", options.Listeners.Select(listener => GearmandServer.Describe(listener.EndPoint)));
            throw new InvalidOperationException($"bind({failure.Message}) for {addresses}", failure);
        }
    }

    private void OnStop(PosixSignalContext context, bool isGraceful)
    {
        context.Cancel = true;
        _stop.TrySetResult(isGraceful);
    }

    private int Refuse(string error)
    {
        console.Error.WriteLine($"{program}: {error}");
        return 1;
    }
}
