using System.Security.Cryptography;

namespace Flotilla.Sandbox;

/// <summary>The passwords of a sandbox's users. Random, letters and digits only, so that they need no quoting anywhere.</summary>
/// <param name="Root">Of <c>root@localhost</c>, who may do everything.</param>
/// <param name="User">Of <c>msandbox</c>, who may do everything but grant.</param>
/// <param name="ReadWrite">Of <c>msandbox_rw</c>.</param>
/// <param name="ReadOnly">Of <c>msandbox_ro</c>.</param>
/// <param name="Replication">Of <c>rsandbox</c>, as whom replicas connect; must be the same on all servers of a group.</param>
public sealed record SandboxCredentials(string Root, string User, string ReadWrite, string ReadOnly, string Replication)
{
    /// <summary>Longer ones are refused by MySQL 5.6 for replication, which takes 32.</summary>
    private const int Length = 24;
    private const int LengthMax = 32;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static SandboxCredentials Generate() => new(Password(), Password(), Password(), Password(), Password());

    /// <summary>Throws when a password holds anything but letters and digits, or is empty or too long.</summary>
    public void Validate()
    {
        foreach (var password in (string[])[Root, User, ReadWrite, ReadOnly, Replication])
        {
            if (password.Length is 0 or > LengthMax || !password.All(char.IsAsciiLetterOrDigit))
                throw new SandboxException(SandboxProblem.BadRequest, $"passwords of sandboxes are 1 to {LengthMax} letters and digits");
        }
    }

    /// <summary>Says nothing, so that no log does.</summary>
    public override string ToString() => nameof(SandboxCredentials);

    private static string Password() => RandomNumberGenerator.GetString(Letters, Length);
}
