using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary><c>workers</c>: all connections with the functions they can do.</summary>
internal sealed class WorkerListing : Listing
{
    private int _next;

    public override bool WriteSlice(MachineState state, ByteQueue output)
    {
        for (var budget = ItemsPerSlice; budget > 0; budget--)
        {
            if (_next >= state.Connections.End)
            {
                output.Append(".\n"u8);
                return true;
            }

            if (state.Connections.Find(_next++) is not { IsClosing: false } connection)
                continue;
            WriteConnection(state, output, connection);
            budget -= connection.Abilities.Count;
        }

        return false;
    }

    private static void WriteConnection(MachineState state, ByteQueue output, ConnectionState connection)
    {
        TextReply.Number(output, connection.Info.Descriptor);
        output.Append(" "u8);
        TextReply.Put(output, connection.Info.Address);
        output.Append(" "u8);
        TextReply.Name(output, connection.ClientId);
        output.Append(" :"u8);
        var functions = connection.Abilities.Functions;
        for (var i = functions.Length - 1; i >= 0; i--)
        {
            output.Append(" "u8);
            TextReply.Name(output, state.Functions[functions[i]].Name);
        }

        output.Append("\n"u8);
    }
}
