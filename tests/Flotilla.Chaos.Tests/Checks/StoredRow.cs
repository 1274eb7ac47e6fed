namespace Flotilla.Chaos.Tests.Checks;

/// <summary>A row as it stands in a table: who wrote it, and which server committed it in which epoch, by that server's own word.</summary>
internal readonly record struct StoredRow(int Client, long Id, int Server, ulong Epoch);
