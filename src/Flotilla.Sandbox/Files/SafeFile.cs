using System.Text;

namespace Flotilla.Sandbox;

/// <summary>Writes files whole or not at all, with their mode from the first byte on.</summary>
public static class SafeFile
{
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode Program = Public | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    public const UnixFileMode Folder = Secret | UnixFileMode.UserExecute;

    /// <summary>On disk when it returns; a script of ours is not worth the wait, because it can be written again.</summary>
    public static void Write(string path, string text, UnixFileMode mode)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode & (Secret | UnixFileMode.UserExecute),
        }))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            // What the process' mask took away.
            File.SetUnixFileMode(file.SafeFileHandle, mode);
            file.Flush(flushToDisk: mode != Program);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
