using System.Text.RegularExpressions;

namespace Flotilla.Deployment;

/// <summary>Texts of jobs that must be nothing but a name, so that no path and no shell word can hide in them.</summary>
internal static partial class BareName
{
    public static bool IsSandbox(string? text) => text is not null && SandboxText().IsMatch(text);

    public static bool IsDeployment(string? text) => text is not null && DeploymentText().IsMatch(text);

    /// <summary>A file's name without a folder; no hidden one.</summary>
    public static bool IsFile(string? text) => text is not null && FileText().IsMatch(text);

    public static bool IsSha256(string? text) => text is not null && DigestText().IsMatch(text);

    public static bool IsAddress(string? text) => text is not null && AddressText().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SandboxText();

    [GeneratedRegex(@"^[a-z0-9]{16,40}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DeploymentText();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FileText();

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DigestText();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.:_-]{0,254}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AddressText();
}
