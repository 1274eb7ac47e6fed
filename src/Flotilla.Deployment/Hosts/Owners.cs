using Flotilla.Sandbox;

namespace Flotilla.Deployment;

/// <summary>Which deployment each sandbox was made for: a small file each, below <c>.owners</c>.</summary>
internal sealed class Owners(SandboxRoot root)
{
    private readonly string _folder = Path.Combine(root.Folder, ".owners");

    /// <summary>While held, nobody else makes or removes the sandbox through jobs.</summary>
    public Task<FolderLock> LockAsync(string sandbox, CancellationToken cancellationToken) => FolderLock.TakeAsync(Path.Combine(_folder, sandbox + ".lock"), cancellationToken);

    /// <summary>Makes it ours, unless it is another's. A claim on a sandbox that is not there is worth nothing. Under its lock.</summary>
    /// <exception cref="DeploymentException">It is another's.</exception>
    public void Claim(string sandbox, string deployment)
    {
        RequireOurs(sandbox, deployment);
        SafeFile.Write(Path.Combine(_folder, sandbox), deployment, SafeFile.Secret);
    }

    /// <summary>Refuses what is there and not ours.</summary>
    public void RequireOurs(string sandbox, string deployment)
    {
        if (root.Find(sandbox) is null)
            return;
        var owner = Find(sandbox);
        if (owner == deployment)
            return;
        throw new DeploymentException(
            DeploymentProblem.Conflict,
            owner is null ? $"there is a sandbox {sandbox} in {root.Folder} already, made by hand" : $"the sandbox {sandbox} in {root.Folder} belongs to another deployment ({owner})");
    }

    public void Release(string sandbox) => File.Delete(Path.Combine(_folder, sandbox));

    public string? Find(string sandbox)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_folder, sandbox)).Trim();
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
