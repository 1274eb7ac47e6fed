namespace Flotilla.Disk;

/// <summary>Another process has the folder, or another part of this one.</summary>
/// <param name="folder">The folder.</param>
/// <param name="owner">The process id of who has it, or <c>unknown</c>.</param>
/// <param name="problem">How that was seen.</param>
public sealed class FolderClaimedException(string folder, string owner, Exception problem) : IOException($"{folder} is in use by process {owner}", problem)
{
    public string Owner { get; } = owner;
}
