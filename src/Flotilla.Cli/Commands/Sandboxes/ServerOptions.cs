using System.CommandLine;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary>Which server programs to take.</summary>
internal sealed class ServerOptions
{
    private readonly Option<string?> _version = new("--version")
    {
        Description = "The newest server found whose version begins so: 10.11, mysql-5.6, mariadb. Default: the newest MariaDB, else the newest MySQL.",
        HelpName = "version",
    };

    private readonly Option<string?> _basedir = new("--basedir")
    {
        Description = "Take the server in this folder: of an unpacked tarball or package, or its program itself.",
        HelpName = "folder",
    };

    private readonly Option<string?> _tarball = new("--tarball")
    {
        Description = "Take the server in this tarball; it is unpacked once below the root folder.",
        HelpName = "file",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_version, _basedir, _tarball])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (((Option[])[_version, _basedir, _tarball]).Count(option => result.GetResult(option) is not null) > 1)
                result.AddError("--version, --basedir and --tarball exclude each other.");
        });
    }

    public Task<ServerInstallation> FindAsync(ParseResult parsed, SandboxRoot root, CancellationToken cancellationToken)
    {
        var finder = ServerFinder.Create();
        return parsed.GetValue(_basedir) is { } basedir ? finder.FromBasedirAsync(basedir, cancellationToken)
            : parsed.GetValue(_tarball) is { } tarball ? ServerTarball.UnpackAsync(root.ServerFolder, tarball, finder, cancellationToken)
            : finder.FindAsync(parsed.GetValue(_version), root.ServerFolder, cancellationToken);
    }
}
