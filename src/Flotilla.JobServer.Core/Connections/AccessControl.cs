using System.Security.Cryptography;
using System.Text;

namespace Flotilla.JobServer.Core;

/// <summary>Decides who may do what.</summary>
internal sealed class AccessControl
{
    /// <summary>Who came without a certificate, but trusted.</summary>
    private const string Local = "local";

    /// <summary>Who came without a certificate and gave the secret.</summary>
    private const string Secret = "secret";

    /// <summary>Before a certificate's name that would read as one of the two, or as a name with this in front.</summary>
    private const string CertificatePrefix = "cn:";
    private readonly MachineState _state;
    private readonly Rule[] _rules;

    public AccessControl(MachineState state)
    {
        _state = state;
        _rules = [.. state.Options.AccessRules.Select(rule
            => new Rule(Encoding.UTF8.GetBytes(rule.Identity), Encoding.UTF8.GetBytes(rule.Function), rule.Rights))];
    }

    private readonly record struct Rule(byte[] Identity, byte[] Function, AccessRights Rights);

    /// <summary>Who a connection is in the access rules. No certificate can claim to be one of those that come without.</summary>
    public static string IdentityOf(ConnectionInfo info) => info.Identity switch
    {
        null => info.IsTrusted ? Local : Secret,
        Local or Secret => CertificatePrefix + info.Identity,
        var name when name.StartsWith(CertificatePrefix, StringComparison.Ordinal) => CertificatePrefix + name,
        var name => name,
    };

    /// <summary>Whether a connection has a right on a function; the empty name is the server as a whole.</summary>
    public bool Allows(ConnectionState connection, ReadOnlySpan<byte> function, AccessRights right)
    {
        if (_rules.Length == 0)
            return true;
        Span<byte> identity = stackalloc byte[256];
        if (!Encoding.UTF8.TryGetBytes(connection.Identity, identity, out var length))
            return false;
        identity = identity[..length];
        foreach (var rule in _rules)
        {
            if (Matches(rule.Identity, identity) && Matches(rule.Function, function))
                return (rule.Rights & right) == right;
        }

        return false;
    }

    /// <summary>Whether a connection may know of what a function has: any right will do.</summary>
    public bool MaySee(ConnectionState connection, ReadOnlySpan<byte> function)
        => Allows(connection, function, AccessRights.Submit) || Allows(connection, function, AccessRights.Work)
            || Allows(connection, function, AccessRights.Admin);

    /// <summary>Whether a job is there as far as a connection can tell.</summary>
    public bool MaySeeJob(ConnectionState connection, int job)
    {
        var function = _state.Functions[_state.Jobs[job].Function];
        return _state.Jobs[job].State is JobState.Queued or JobState.Running or JobState.Delayed && !function.IsDropped
            && MaySee(connection, function.Name);
    }

    /// <summary>Compares a secret with the expected one in constant time.</summary>
    public bool IsSecret(ReadOnlySpan<byte> secret)
    {
        var expected = _state.Options.SecretHash.Span;
        Span<byte> actual = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, actual);
        return !expected.IsEmpty && CryptographicOperations.FixedTimeEquals(actual, expected);
    }

    /// <summary>Reports the first refusal of a connection. Later ones tell nothing new, and a stranger may send any number of packets.</summary>
    public void ReportDenied(ConnectionState connection, ReadOnlySpan<byte> function, string detail)
    {
        if (connection.IsDenialReported)
            return;
        connection.IsDenialReported = true;
        _state.Effects.Report(new JobServerEvent
        {
            Kind = JobServerEventKind.AccessDenied,
            Connection = connection.Id,
            FunctionIndex = -1,
            Function = function,
            Detail = detail,
        });
    }

    /// <summary>Wildcard match in linear memory and at most pattern times text steps: a failed star gives one more byte to the last one.</summary>
    private static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }
}
