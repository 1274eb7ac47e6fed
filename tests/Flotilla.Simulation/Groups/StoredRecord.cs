using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>A record on a <see cref="NodeDisk"/>; tickets are of the process that lives, 0 for older ones.</summary>
public readonly record struct StoredRecord(PersistRecordKind Kind, ulong Sequence, byte[] Body, ulong Ticket, long Number);
