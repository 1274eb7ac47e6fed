namespace Flotilla.Sandbox.Tests.Support;

/// <summary>Programs that say they are a server, laid out as its tarball or package would be.</summary>
internal static class FakeServer
{
    /// <summary>A folder with bin/mysqld and what belongs to it.</summary>
    /// <param name="folder">Where; made.</param>
    /// <param name="versionLine">What <c>mysqld --version</c> prints.</param>
    /// <param name="server">The server's path below the folder.</param>
    /// <param name="share">The messages' path below the folder.</param>
    /// <param name="files">Files besides.</param>
    public static string Create(string folder, string versionLine, string server, string share, params string[] files)
    {
        Program(Path.Combine(folder, server), $"echo '{versionLine}'");
        foreach (var file in (string[])[$"{share}/english/errmsg.sys", .. files])
        {
            Program(Path.Combine(folder, file), "exit 0");
        }

        return folder;
    }

    public static void Program(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SafeFile.Write(path, "#!/bin/sh\n" + text + "\n", SafeFile.Program);
    }

    /// <summary>An installation that is nowhere, for what is decided without running it.</summary>
    public static ServerInstallation Nowhere(ServerFlavor flavor, string version) => new()
    {
        Flavor = flavor,
        Version = ServerVersion.Parse(version),
        VersionText = version,
        Server = "/nowhere/bin/server",
        Basedir = "/nowhere",
        MessagesDir = "/nowhere/share",
        Client = "/nowhere/bin/mysql",
        Admin = "/nowhere/bin/mysqladmin",
    };
}
