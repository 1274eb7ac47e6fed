using System.Text;

namespace Flotilla.Gearman;

/// <summary>
/// A job ended with an exception of its worker (WORK_EXCEPTION). A handler may throw it to choose the bytes that the client gets.
/// </summary>
public sealed class JobFaultException(ReadOnlyMemory<byte> fault) : JobFailedException($"the worker reported: {Shorten(fault)}")
{
    private const int ShownBytesMax = 400;

    public JobFaultException(string fault)
        : this(Encoding.UTF8.GetBytes(fault))
    {
    }

    /// <summary>The bytes that the worker sent; their meaning is between worker and client.</summary>
    public ReadOnlyMemory<byte> Fault { get; } = fault;

    private static string Shorten(ReadOnlyMemory<byte> fault)
        => Encoding.UTF8.GetString(fault.Span[..Math.Min(fault.Length, ShownBytesMax)]);
}
