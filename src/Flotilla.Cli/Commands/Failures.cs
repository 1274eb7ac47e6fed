using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Probe;
using Flotilla.Deployment;
using Flotilla.Gearman;
using Flotilla.MySql;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands;

/// <summary>Says what went wrong, where, and what can be done; and which exit code that is.</summary>
internal static class Failures
{
    private const string StartHint = "Is it running? Start one with 'flotilla jobs serve', or name another with --server HOST:PORT.";
    private const string SocketHint = "Is it running? Start one there with 'flotilla jobs serve --listen unix:/PATH', or name another with --server.";
    private const string SecretHint = "Give the server's secret with --secret-file FILE, --secret, or the variable FLOTILLA_SECRET.";
    private const string ServerHint = "'flotilla sandbox servers' lists what is found, 'install-server' fetches one; or give --basedir FOLDER or --tarball FILE.";
    private const string TlsHint = "Name its authority with --tls-ca FILE; --tls-insecure takes any certificate.";

    /// <summary>Writes the explanation; null when the exception is a defect of ours and must surface as one.</summary>
    public static ExitCode? Explain(Exception failure, IConsole console)
    {
        if (Find(failure) is not { } found)
            return null;
        ErrorText.Write(console, found.Message, found.Hint);
        return found.Code;
    }

    /// <summary>What to say about a failure, or null when it is none that we know.</summary>
    public static CliException? Find(Exception failure) => failure switch
    {
        CliException cli => cli,
        SandboxException sandbox => Sandbox(sandbox),
        DeploymentException deployment => Deployment(deployment),
        ProbeException probe => new CliException(ExitCode.NoServer, probe.Message),
        MySqlException server => new CliException(ExitCode.Failed, server.Message),
        JobFaultException fault => new CliException(ExitCode.JobException, fault.Message),
        JobFailedException failed => new CliException(ExitCode.JobFailed, failed.Message),
        NoServerException none => NoServer(none),
        GearmanServerException refusal => Refusal(refusal),
        GearmanTimeoutException timeout => new CliException(
            ExitCode.TimedOut, timeout.Message.Replace(timeout.Limit.ToString(), CellText.FormatDuration((long)timeout.Limit.TotalMilliseconds), StringComparison.Ordinal)),
        ConnectionLostException lost => new CliException(
            ExitCode.ConnectionLost, lost.Message, "The server may have done what was asked; look with 'flotilla jobs status' before asking again."),
        GearmanOptionsException options => new CliException(ExitCode.Usage, options.Message),
        GearmanException other => new CliException(ExitCode.Failed, other.Message),
        AuthenticationException tls => new CliException(ExitCode.NotAuthorized, tls.Message, TlsHint),
        CryptographicException key => new CliException(ExitCode.Failed, $"a certificate or key can't be used: {key.Message}"),
        FileNotFoundException missing => new CliException(ExitCode.Failed, $"{missing.FileName ?? missing.Message} is not there"),
        IOException or UnauthorizedAccessException => new CliException(ExitCode.Failed, failure.Message),
        ArgumentException { ParamName: { } name } argument => new CliException(
            ExitCode.Usage, argument.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)),
        FormatException or ArgumentException => new CliException(ExitCode.Usage, failure.Message),
        _ => null,
    };

    private static CliException Deployment(DeploymentException failure) => new(
        failure.Problem switch
        {
            DeploymentProblem.BadRequest => ExitCode.Usage,
            DeploymentProblem.Missing or DeploymentProblem.Unreachable => ExitCode.NoServer,
            DeploymentProblem.Conflict => ExitCode.Refused,
            DeploymentProblem.NotFound => ExitCode.NotFound,
            DeploymentProblem.NotAuthorized => ExitCode.NotAuthorized,
            DeploymentProblem.Storage or DeploymentProblem.Checksum or DeploymentProblem.ServerFailed or DeploymentProblem.ReplicationFailed or DeploymentProblem.Internal => ExitCode.Failed,
            _ => ExitCode.Failed,
        },
        failure.Message);

    private static CliException Sandbox(SandboxException failure) => failure.Problem switch
    {
        SandboxProblem.BadRequest => new CliException(ExitCode.Usage, failure.Message),
        SandboxProblem.MissingServer => new CliException(ExitCode.NoServer, failure.Message, ServerHint),
        SandboxProblem.Conflict => new CliException(ExitCode.Refused, failure.Message),
        SandboxProblem.NotFound => new CliException(ExitCode.NotFound, failure.Message),
        SandboxProblem.Storage or SandboxProblem.ServerFailed or SandboxProblem.ReplicationFailed => new CliException(ExitCode.Failed, failure.Message),
        _ => new CliException(ExitCode.Failed, failure.Message),
    };

    private static CliException NoServer(NoServerException none)
    {
        var reasons = none.Reasons.Select(reason => reason.InnerException ?? reason).ToList();
        if (none.Reasons.OfType<GearmanServerException>().FirstOrDefault() is { } refusal)
            return Refusal(refusal);
        if (reasons.Concat(none.Reasons).OfType<AuthenticationException>().FirstOrDefault() is { } tls)
            return new CliException(ExitCode.NotAuthorized, $"{none.Message}: {tls.Message}", TlsHint);
        var isRefused = reasons.Concat(none.Reasons).OfType<SocketException>().Any();
        var hint = none.Message.Contains("unix:", StringComparison.Ordinal) ? SocketHint : StartHint;
        return new CliException(ExitCode.NoServer, none.Message, isRefused || none.Reasons.Count > 0 ? hint : null);
    }

    private static CliException Refusal(GearmanServerException refusal)
    {
        var isCode = refusal.Code.All(c => char.IsAsciiLetterUpper(c) || c == '_');
        var text = refusal.Text.Length == 0 ? refusal.Code : isCode ? $"{refusal.Text} ({refusal.Code})" : $"{refusal.Code} {refusal.Text}";
        return refusal.Code switch
        {
            "function" when refusal.Text == "not found" => new CliException(ExitCode.NotFound, "the job server does not know the function"),
            "QUEUE_ERROR" when refusal.Text.Contains("draining", StringComparison.OrdinalIgnoreCase) => new CliException(
                ExitCode.Refused, $"the job server takes no job now: {text}", "'flotilla jobs resume' ends that."),
            "NOT_AUTHORIZED" or "AUTH_FAILED" => new CliException(ExitCode.NotAuthorized, $"the job server refused: {text}", SecretHint),
            "UNKNOWN_JOB" or "JOB_NOT_FOUND" or "UNKNOWN_FUNCTION" or "FUNCTION_NOT_FOUND"
                => new CliException(ExitCode.NotFound, $"the job server does not know it: {text}"),
            "QUEUE_ERROR" => new CliException(
                ExitCode.Refused, $"the job server takes no job now: {text}", "Its queue, memory or disk may be full; see 'flotilla jobs status'."),
            "UNKNOWN_COMMAND" or "UNKNOWN_SHOW_ARGUMENTS" => new CliException(
                ExitCode.Refused, $"this job server does not know the command: {text}", "It needs Flotilla's own server ('flotilla jobs serve')."),
            _ => new CliException(ExitCode.Refused, $"the job server refused: {text}"),
        };
    }
}
