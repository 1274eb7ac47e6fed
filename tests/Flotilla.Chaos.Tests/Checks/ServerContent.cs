namespace Flotilla.Chaos.Tests.Checks;

/// <summary>What a server has.</summary>
/// <param name="Server">Its name.</param>
/// <param name="IsReadOnly">Whether it refuses clients.</param>
/// <param name="BinlogPosition"><c>gtid_binlog_pos</c>.</param>
/// <param name="CurrentPosition"><c>gtid_current_pos</c>.</param>
/// <param name="Checksums">Tables with their checksums, in one text.</param>
internal sealed record ServerContent(string Server, bool IsReadOnly, string BinlogPosition, string CurrentPosition, string Checksums)
{
    public bool HasSameAs(ServerContent other) => (BinlogPosition, CurrentPosition, Checksums) == (other.BinlogPosition, other.CurrentPosition, other.Checksums);
}
