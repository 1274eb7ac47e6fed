using System.Buffers.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// The answer to GET_STATUS_UNIQUE. The packet names no function, so all are asked, some thousands per step; of several jobs the youngest
/// is meant.
/// </summary>
internal sealed class UniqueSearch(ConnectionState connection, byte[] unique, UniqueSearch.Progress progress) : Listing
{
    private Progress _progress = progress;

    /// <summary>How far a search came, and the youngest job it found; a job that ended since is no longer found by its id.</summary>
    public record struct Progress(int NextFunction, ulong FoundId);

    public override bool WriteSlice(MachineState state, ByteQueue output)
    {
        if (!Look(state, connection, unique, ref _progress))
            return false;
        WriteAnswer(state, connection, unique, _progress, output);
        return true;
    }

    /// <summary>Asks the next functions; true when all were asked.</summary>
    public static bool Look(MachineState state, ConnectionState connection, ReadOnlySpan<byte> unique, ref Progress progress)
    {
        if (unique.IsEmpty || unique.Length > state.Options.UniqueBytesMax || unique.SequenceEqual("-"u8))
            return true;
        for (var budget = ItemsPerSlice; progress.NextFunction < state.Functions.End; budget--)
        {
            if (budget == 0)
                return false;
            if (state.Functions.At(progress.NextFunction++) is not { MayHaveUniques: true, IsDropped: false } function)
                continue;
            if (!function.HasLiveJobs)
            {
                function.MayHaveUniques = false;
                continue;
            }

            var job = state.Jobs.FindByUnique(function.Index, unique, default, out _);
            if (job != JobTable.None && state.Jobs[job].Id > progress.FoundId && state.Access.MaySeeJob(connection, job))
                progress.FoundId = state.Jobs[job].Id;
        }

        return true;
    }

    public static void WriteAnswer(MachineState state, ConnectionState connection, ReadOnlySpan<byte> unique, Progress progress, ByteQueue output)
    {
        var job = progress.FoundId == 0 ? JobTable.None : state.Jobs.Find(new JobId(progress.FoundId));
        if (job != JobTable.None && !state.Access.MaySeeJob(connection, job))
            job = JobTable.None;
        Span<byte> numbers = stackalloc byte[48];
        var numerator = Number(numbers, job == JobTable.None ? 0 : state.Jobs[job].Numerator);
        var denominator = Number(numbers[16..], job == JobTable.None ? 0 : state.Jobs[job].Denominator);
        var clients = Number(numbers[32..], job == JobTable.None ? 0 : (uint)state.Links.CountOf(job));
        var size = unique.Length + 1 + 2 + 2 + numerator.Length + 1 + denominator.Length + 1 + clients.Length;
        PacketWriter.WriteHead(output, PacketMagic.Response, PacketType.StatusResUnique, default, size);
        output.Append(unique);
        output.Append(job == JobTable.None ? "\00\00\0"u8 : state.Jobs[job].State == JobState.Running ? "\01\01\0"u8 : "\01\00\0"u8);
        output.Append(numerator);
        output.Append("\0"u8);
        output.Append(denominator);
        output.Append("\0"u8);
        output.Append(clients);
    }

    private static ReadOnlySpan<byte> Number(Span<byte> target, uint value)
    {
        Utf8Formatter.TryFormat(value, target, out var digits);
        return target[..digits];
    }
}
