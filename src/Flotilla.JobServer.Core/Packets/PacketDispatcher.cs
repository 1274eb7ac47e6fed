using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>Sends each packet to who understands it.</summary>
internal sealed class PacketDispatcher(MachineState state)
{
    private readonly SubmitPackets _submits = new(state);
    private readonly AbilityPackets _abilities = new(state);
    private readonly GrabPackets _grabs = new(state);
    private readonly WorkPackets _work = new(state);
    private readonly QueryPackets _queries = new(state);

    public void Run(ConnectionState connection, PacketMagic magic, PacketType type, ReadOnlySpan<byte> body)
    {
        if (magic == PacketMagic.Response)
        {
            state.Replies.Error(connection, ErrorCodes.InvalidMagic, ErrorTexts.RequestMagicExpected);
            return;
        }

        if (!connection.IsAuthenticated && type is not (PacketType.EchoReq or PacketType.OptionReq))
        {
            state.Access.ReportDenied(connection, default, "not authenticated");
            state.Replies.Error(connection, ErrorCodes.NotAuthorized, ErrorTexts.NotAuthenticated);
            return;
        }

        if (!Handle(connection, type, body))
            state.Replies.Close(connection, CloseReason.ProtocolError, $"arguments are missing in {PacketTypes.Name(type)}");
    }

    /// <summary>False when the body lacks arguments.</summary>
    private bool Handle(ConnectionState connection, PacketType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case PacketType.SubmitJob:
                return _submits.Submit(connection, body, JobPriority.Normal, isBackground: false);
            case PacketType.SubmitJobHigh:
                return _submits.Submit(connection, body, JobPriority.High, isBackground: false);
            case PacketType.SubmitJobLow:
                return _submits.Submit(connection, body, JobPriority.Low, isBackground: false);
            case PacketType.SubmitJobBg:
                return _submits.Submit(connection, body, JobPriority.Normal, isBackground: true);
            case PacketType.SubmitJobHighBg:
                return _submits.Submit(connection, body, JobPriority.High, isBackground: true);
            case PacketType.SubmitJobLowBg:
                return _submits.Submit(connection, body, JobPriority.Low, isBackground: true);
            case PacketType.SubmitJobEpoch:
                return _submits.SubmitEpoch(connection, body);
            case PacketType.SubmitJobSched:
                return _submits.SubmitSchedule(connection, body);
            case PacketType.SubmitReduceJob:
                return _submits.SubmitReduce(connection, body, isBackground: false);
            case PacketType.SubmitReduceJobBackground:
                return _submits.SubmitReduce(connection, body, isBackground: true);
            case PacketType.GrabJob or PacketType.GrabJobUniq or PacketType.GrabJobAll:
                _grabs.Grab(connection, type);
                return true;
            case PacketType.PreSleep:
                state.WakeUps.Sleep(connection);
                return true;
            case PacketType.CanDo:
                _abilities.CanDo(connection, body, 0);
                return true;
            case PacketType.CanDoTimeout:
                return _abilities.CanDoTimeout(connection, body);
            case PacketType.CantDo:
                _abilities.CantDo(connection, body);
                return true;
            case PacketType.ResetAbilities:
                _abilities.Reset(connection);
                return true;
            case PacketType.WorkComplete or PacketType.WorkFail or PacketType.WorkException
                or PacketType.WorkStatus or PacketType.WorkData or PacketType.WorkWarning:
                return _work.Handle(connection, type, body);
            default:
                _queries.Handle(connection, type, body);
                return true;
        }
    }
}
