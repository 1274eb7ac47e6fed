namespace Flotilla.MySql;

/// <summary>What a statement without rows has done; of several statements, the last.</summary>
/// <param name="AffectedRows">Rows changed (or found, with <see cref="MySqlOptions.FoundRows"/>).</param>
/// <param name="LastInsertId">The first generated AUTO_INCREMENT value; 0 for none.</param>
/// <param name="Warnings">For SHOW WARNINGS.</param>
/// <param name="Info">Words such as <c>Records: 3  Duplicates: 0  Warnings: 0</c>.</param>
public readonly record struct MySqlOk(ulong AffectedRows, ulong LastInsertId, int Warnings, string Info);
