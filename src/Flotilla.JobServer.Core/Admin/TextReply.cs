using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>What answers to text commands have in common.</summary>
internal static class TextReply
{
    public static ReadOnlySpan<byte> NotAllowed => "ERR NOT_AUTHORIZED Not+allowed+by+the+access+rules\r\n"u8;

    public static ReadOnlySpan<byte> WrongSecret => "ERR NOT_AUTHORIZED Wrong+secret\r\n"u8;

    public static ReadOnlySpan<byte> UnknownFunction => "ERR UNKNOWN_FUNCTION No+such+function\r\n"u8;

    /// <summary>The function of a name as typed: as it is, or as lists show it.</summary>
    public static FunctionState? FindFunction(MachineState state, ReadOnlySpan<byte> typed)
    {
        if (state.Functions.Find(typed) is { } function)
            return function;
        return typed.IndexOf((byte)'\\') < 0 ? null : state.Functions.Find(Encoding.UTF8.GetBytes(AdminText.Unescape(typed)));
    }

    public static JobId? FindId(MachineState state, ReadOnlySpan<byte> handle) => state.Handles.TryParse(handle, out var id) ? id : null;

    /// <summary>The job of a handle, or none.</summary>
    public static int FindJob(MachineState state, ReadOnlySpan<byte> handle)
        => FindId(state, handle) is { } id ? state.Jobs.Find(id) : JobTable.None;

    public static void WriteDone(ByteQueue output, bool isDone) => output.Append(isDone ? AdminAnswers.Ok : AdminAnswers.UnknownJob);
}
