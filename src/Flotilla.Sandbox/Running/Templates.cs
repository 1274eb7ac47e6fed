using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Sandbox;

/// <summary>
/// Data folders as a server makes them in the beginning, kept below <c>.templates</c>: one per server program and options that decide their
/// shape. Copying one takes a fraction of a second, making one several.
/// </summary>
internal sealed class Templates(string root)
{
    private readonly string _folder = Path.Combine(root, ".templates");

    /// <summary>The template for a spec, made if need be; one process makes it, others wait.</summary>
    public async Task<string> EnsureAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        var template = Path.Combine(_folder, $"{spec.Server.NamePart}_{Key(spec)}");
        if (IsMade(template))
            return template;
        using var ours = await FolderLock.TakeAsync(template + ".lock", cancellationToken);
        if (IsMade(template))
            return template;
        var fresh = template + ".new";
        // Whoever made this died: the lock is ours.
        await ProcessTable.KillAsync(ProcessTable.OfSandbox(fresh, spec.Server.Server), cancellationToken);
        if (Directory.Exists(fresh))
            Directory.Delete(fresh, recursive: true);
        try
        {
            await MakeAsync(spec, fresh, cancellationToken);
            if (Directory.Exists(template))
                Directory.Delete(template, recursive: true);
            Directory.Move(fresh, template);
            return template;
        }
        catch
        {
            await ProcessTable.KillAsync(ProcessTable.OfSandbox(fresh, spec.Server.Server), CancellationToken.None);
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
            throw;
        }
    }

    private static bool IsMade(string template) => Directory.Exists(Path.Combine(template, "data", "mysql"));

    private static async Task MakeAsync(SandboxSpec spec, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, SafeFile.Folder);
        Directory.CreateDirectory(Path.Combine(folder, "tmp"), SafeFile.Folder);
        SafeFile.Write(Path.Combine(folder, "my.cnf"), MyCnf.Template(spec, folder), SafeFile.Public);
        SafeFile.Write(Path.Combine(folder, "sb_env"), NodeWriter.Environment("template", spec.Server, 0, template: null), SafeFile.Public);
        SafeFile.Write(Path.Combine(folder, "sb_include"), Scripts.Read("node", "sb_include"), SafeFile.Public);
        SafeFile.Write(Path.Combine(folder, "init_db"), Scripts.Read("node", "init_db"), SafeFile.Program);
        var run = await ProgramRun.RunAsync("/bin/sh", [Path.Combine(folder, "init_db")], [], cancellationToken);
        if (run.Code != 0)
            throw new SandboxException(SandboxProblem.Storage, $"{spec.Server}: {run.Why}");
    }

    private static string Key(SandboxSpec spec)
    {
        var program = new FileInfo(spec.Server.Server);
        var text = string.Join('\n', (string[])
        [
            spec.Server.Server, spec.Server.VersionText, $"{program.Length}", $"{program.LastWriteTimeUtc.Ticks}", spec.Server.MessagesDir,
            .. MyCnf.ShapeOptions(spec),
        ]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
    }
}
