using System.Buffers.Text;
using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>Questions, options, echoes, and packets that nobody should send here.</summary>
internal sealed class QueryPackets(MachineState state)
{
    public void Handle(ConnectionState connection, PacketType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case PacketType.GetStatus:
                Status(connection, body);
                break;
            case PacketType.GetStatusUnique:
                StatusUnique(connection, body);
                break;
            case PacketType.EchoReq:
                PacketWriter.Write(state.Replies.To(connection), PacketMagic.Response, PacketType.EchoRes, body);
                break;
            case PacketType.OptionReq:
                Option(connection, body);
                break;
            case PacketType.SetClientId:
                connection.ClientId = body[..Math.Min(body.Length, ProtocolLimits.MaxClientIdBytes)].ToArray();
                break;
            case > PacketType.None and <= PacketTypes.Highest:
                state.Replies.Error(connection, ErrorCodes.InvalidCommand, ErrorTexts.CommandNotExpected);
                break;
            default:
                state.Replies.Close(connection, CloseReason.ProtocolError, $"packet type {(uint)type} is unknown");
                break;
        }
    }

    private void Status(ConnectionState connection, ReadOnlySpan<byte> handle)
    {
        var isKnown = TryFindVisible(connection, handle, out var job);
        var running = job != JobTable.None && state.Jobs[job].State == JobState.Running;
        Span<byte> numbers = stackalloc byte[32];
        var numerator = Number(numbers, job == JobTable.None ? 0 : state.Jobs[job].Numerator);
        var denominator = Number(numbers[16..], job == JobTable.None ? 0 : state.Jobs[job].Denominator);
        var output = state.Replies.To(connection);
        var size = handle.Length + 1 + 2 + 2 + numerator.Length + 1 + denominator.Length;
        PacketWriter.WriteHead(output, PacketMagic.Response, PacketType.StatusRes, default, size);
        output.Append(handle);
        output.Append(isKnown ? running ? "\01\01\0"u8 : "\01\00\0"u8 : "\00\00\0"u8);
        output.Append(numerator);
        output.Append("\0"u8);
        output.Append(denominator);
    }

    private void StatusUnique(ConnectionState connection, ReadOnlySpan<byte> unique)
    {
        var progress = default(UniqueSearch.Progress);
        if (UniqueSearch.Look(state, connection, unique, ref progress))
            UniqueSearch.WriteAnswer(state, connection, unique, progress, state.Replies.To(connection));
        else
            state.Replies.List(connection, new UniqueSearch(connection, unique.ToArray(), progress));
    }

    /// <summary>True when the handle is one of a live job or schedule that this connection may know of; the job is none for a schedule.</summary>
    private bool TryFindVisible(ConnectionState connection, ReadOnlySpan<byte> handle, out int job)
    {
        job = JobTable.None;
        if (!state.Handles.TryParse(handle, out var id))
            return false;
        job = state.Jobs.Find(id);
        if (job == JobTable.None)
            return state.Schedules.Find(id.Value) is { } schedule && state.Access.MaySee(connection, schedule.Function);
        if (state.Access.MaySeeJob(connection, job))
            return true;
        job = JobTable.None;
        return false;
    }

    private void Option(ConnectionState connection, ReadOnlySpan<byte> name)
    {
        if (name.StartsWith(OptionNames.AuthPrefix))
        {
            Authenticate(connection, name[OptionNames.AuthPrefix.Length..]);
            return;
        }

        if (!connection.IsAuthenticated)
        {
            state.Replies.Error(connection, ErrorCodes.NotAuthorized, ErrorTexts.NotAuthenticated);
            return;
        }

        if (Ascii.EqualsIgnoreCase(name, OptionNames.Exceptions))
        {
            connection.WantsExceptions = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, OptionNames.Cancellations))
        {
            connection.WantsCancellations = true;
        }
        else
        {
            state.Replies.Error(connection, ErrorCodes.UnknownOption, ErrorTexts.UnknownOption);
            return;
        }

        PacketWriter.Write(state.Replies.To(connection), PacketMagic.Response, PacketType.OptionRes, name);
    }

    private void Authenticate(ConnectionState connection, ReadOnlySpan<byte> secret)
    {
        if (connection.IsAuthenticated || state.Access.IsSecret(secret))
        {
            connection.IsAuthenticated = true;
            PacketWriter.Write(state.Replies.To(connection), PacketMagic.Response, PacketType.OptionRes, OptionNames.Auth);
            return;
        }

        state.Access.ReportDenied(connection, default, "wrong secret");
        state.Replies.Error(connection, ErrorCodes.NotAuthorized, "Wrong secret"u8);
        state.Replies.Close(connection, CloseReason.NotAuthorized, "wrong secret");
    }

    private static ReadOnlySpan<byte> Number(Span<byte> target, uint value)
    {
        Utf8Formatter.TryFormat(value, target, out var digits);
        return target[..digits];
    }
}
