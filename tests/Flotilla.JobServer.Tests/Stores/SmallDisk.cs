using System.Diagnostics;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>A real file system of a few pages, in memory, unmounted when disposed. Only root can have one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public static bool IsPossible => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    public static SmallDisk Mount(int sizeBytes)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-disk-").FullName;
        try
        {
            Run("mount", "-t", "tmpfs", "-o", $"size={sizeBytes}", "tmpfs", folder);
            return new SmallDisk(folder);
        }
        catch
        {
            Directory.Delete(folder);
            throw;
        }
    }

    public void Dispose()
    {
        Run("umount", Folder);
        Directory.Delete(Folder);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }) ?? throw new InvalidOperationException(program);
        var problem = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(Deadline.Default), $"{program} hangs");
        Assert.True(process.ExitCode == 0, $"{program}: {problem}");
    }
}
