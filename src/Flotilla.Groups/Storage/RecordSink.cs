using Flotilla.Groups.Core;

namespace Flotilla.Groups.Storage;

/// <summary>Takes a record that was read back.</summary>
internal delegate void RecordSink(in PersistRecord record);
