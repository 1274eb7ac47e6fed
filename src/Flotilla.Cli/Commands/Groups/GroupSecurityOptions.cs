using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Groups.Transport;

namespace Flotilla.Cli.Commands.Groups;

/// <summary>What nodes and those who speak to them share: a secret, or certificates of one authority.</summary>
internal sealed class GroupSecurityOptions(IConsole console)
{
    public const string SecretHint = "Give the cluster's secret with --secret-file FILE or the variable FLOTILLA_GROUP_SECRET.";

    private readonly Option<string?> _secretFile = new("--secret-file")
    {
        Description = "File whose first line is the cluster's secret, 16 characters or more. Default: $FLOTILLA_GROUP_SECRET, else none.", HelpName = "file",
    };

    private readonly Option<string?> _ca = new("--tls-ca") { Description = "PEM file of the authority that signed the certificates of all nodes.", HelpName = "file" };
    private readonly Option<string?> _certificate = new("--tls-certificate") { Description = "PEM file of our own certificate.", HelpName = "file" };
    private readonly Option<string?> _key = new("--tls-key") { Description = "PEM file of its private key, when it is in a file of its own.", HelpName = "file" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_secretFile, _ca, _certificate, _key])
            command.Options.Add(option);
    }

    public string? ReadSecret(ParseResult parsed)
    {
        if (parsed.GetValue(_secretFile) is { } path)
            return SecretFile.Read(path);
        return console.Variable("FLOTILLA_GROUP_SECRET") is { Length: > 0 } variable ? variable : null;
    }

    public GroupTls? ReadTls(ParseResult parsed)
    {
        var (ca, certificate, key) = (parsed.GetValue(_ca), parsed.GetValue(_certificate), parsed.GetValue(_key));
        if (ca is null && certificate is null && key is null)
            return null;
        if (ca is null || certificate is null)
            throw new CliException(ExitCode.Usage, "TLS needs both --tls-ca and --tls-certificate", "Nodes and clients show certificates of one authority.");
        var tls = new GroupTls { CertificatePath = certificate, KeyPath = key, AuthorityPath = ca };
        return tls.Validate() is [var wrong, ..] ? throw new CliException(ExitCode.Failed, wrong, "The TLS options name files in PEM form.") : tls;
    }
}
