namespace Flotilla.Gearman.Protocol.Tests;

/// <summary>Parses a body with the view of its type and writes the packet again from the view's properties.</summary>
internal static class Rewriter
{
    public static bool TryRewrite(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> body, out ProtocolError error)
    {
        switch (type)
        {
            case PacketType.SubmitJob or PacketType.SubmitJobBg or PacketType.SubmitJobHigh or PacketType.SubmitJobHighBg
                or PacketType.SubmitJobLow or PacketType.SubmitJobLowBg:
                if (!SubmitJobPacket.TryParse(body, out var submit, out error))
                    return false;
                SubmitJobPacket.Write(output, type, submit.Function, submit.Unique, submit.Data);
                return true;
            case PacketType.SubmitJobSched:
                if (!SubmitJobSchedPacket.TryParse(body, out var sched, out error))
                    return false;
                sched.Write(output);
                return true;
            case PacketType.SubmitJobEpoch:
                if (!SubmitJobEpochPacket.TryParse(body, out var epoch, out error))
                    return false;
                _ = epoch.TryGetDueMs(out var dueMs);
                SubmitJobEpochPacket.Write(output, epoch.Function, epoch.Unique, dueMs, epoch.Data.ToArray());
                return true;
            case PacketType.SubmitReduceJob or PacketType.SubmitReduceJobBackground:
                if (!SubmitReduceJobPacket.TryParse(body, out var reduce, out error))
                    return false;
                SubmitReduceJobPacket.Write(
                    output, type, reduce.Function, reduce.Unique, reduce.Reducer, reduce.Aggregator, reduce.Data.ToArray());
                return true;
            case PacketType.JobAssign:
                if (!JobAssignPacket.TryParse(body, out var assign, out error))
                    return false;
                JobAssignPacket.Write(output, assign.Handle, assign.Function, assign.Data);
                return true;
            case PacketType.JobAssignUniq:
                if (!JobAssignUniqPacket.TryParse(body, out var assignUniq, out error))
                    return false;
                JobAssignUniqPacket.Write(output, assignUniq.Handle, assignUniq.Function, assignUniq.Unique, assignUniq.Data);
                return true;
            case PacketType.JobAssignAll:
                if (!JobAssignAllPacket.TryParse(body, out var all, out error))
                    return false;
                JobAssignAllPacket.Write(output, all.Handle, all.Function, all.Unique, all.Reducer, all.Data.ToArray());
                return true;
            case PacketType.WorkComplete or PacketType.WorkException or PacketType.WorkData or PacketType.WorkWarning:
                if (!WorkDataPacket.TryParse(body, out var data, out error))
                    return false;
                WorkDataPacket.Write(output, magic, type, data.Handle, data.Data);
                return true;
            case PacketType.WorkStatus:
                if (!WorkStatusPacket.TryParse(body, out var status, out error))
                    return false;
                WorkStatusPacket.Write(output, magic, status.Handle, status.NumeratorValue, status.DenominatorValue);
                return true;
            default:
                return TryRewriteSmall(output, magic, type, body, out error);
        }
    }

    private static bool TryRewriteSmall(ByteQueue output, PacketMagic magic, PacketType type, ReadOnlySpan<byte> body, out ProtocolError error)
    {
        switch (type)
        {
            case PacketType.CanDo or PacketType.CantDo:
                if (!FunctionPacket.TryParse(body, out var function, out error))
                    return false;
                FunctionPacket.Write(output, type, function.Function);
                return true;
            case PacketType.CanDoTimeout:
                if (!CanDoTimeoutPacket.TryParse(body, out var timeout, out error))
                    return false;
                CanDoTimeoutPacket.Write(output, timeout.Function, (ulong)Math.Max(0, timeout.TimeoutMs));
                return true;
            case PacketType.JobCreated or PacketType.WorkFail or PacketType.GetStatus:
                if (!HandlePacket.TryParse(body, out var handle, out error))
                    return false;
                HandlePacket.Write(output, magic, type, handle.Handle);
                return true;
            case PacketType.EchoReq or PacketType.EchoRes:
                if (!EchoPacket.TryParse(body, out var echo, out error))
                    return false;
                EchoPacket.Write(output, type, echo.Payload);
                return true;
            case PacketType.Error:
                if (!ErrorPacket.TryParse(body, out var failure, out error))
                    return false;
                ErrorPacket.Write(output, failure.Code, failure.Text);
                return true;
            case PacketType.SetClientId:
                if (!SetClientIdPacket.TryParse(body, out var id, out error))
                    return false;
                SetClientIdPacket.Write(output, id.Id);
                return true;
            case PacketType.OptionReq or PacketType.OptionRes:
                if (!OptionPacket.TryParse(body, out var option, out error))
                    return false;
                OptionPacket.Write(output, type, option.Name);
                return true;
            case PacketType.GetStatusUnique:
                if (!GetStatusUniquePacket.TryParse(body, out var ask, out error))
                    return false;
                GetStatusUniquePacket.Write(output, ask.Unique);
                return true;
            case PacketType.StatusRes:
                if (!StatusResPacket.TryParse(body, out var answer, out error))
                    return false;
                StatusResPacket.Write(output, answer.Handle, answer.Known, answer.Running, answer.Numerator, answer.Denominator);
                return true;
            case PacketType.StatusResUnique:
                if (!StatusResUniquePacket.TryParse(body, out var unique, out error))
                    return false;
                StatusResUniquePacket.Write(
                    output, unique.Unique, unique.Known, unique.Running, unique.Numerator, unique.Denominator, unique.Clients);
                return true;
            default:
                Assert.True(EmptyPacket.IsOfThisForm(type));
                EmptyPacket.Write(output, type);
                error = default;
                return true;
        }
    }
}
