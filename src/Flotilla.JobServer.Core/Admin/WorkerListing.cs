using System.Text;
using Flotilla.Gearman.Protocol;
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
                output.Append(AdminAnswers.EndOfList);
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
        AdminAnswers.WriteWorkerStart(output, connection.Info.Descriptor, Encoding.UTF8.GetBytes(connection.Info.Address), connection.ClientId);
        var functions = connection.Abilities.Functions;
        for (var i = functions.Length - 1; i >= 0; i--)
            AdminAnswers.WriteWorkerFunction(output, state.Functions[functions[i]].Name);
        AdminAnswers.WriteRowEnd(output);
    }
}
