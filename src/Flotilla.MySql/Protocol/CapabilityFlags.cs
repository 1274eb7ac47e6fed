namespace Flotilla.MySql.Protocol;

/// <summary>
/// What client and server agree to speak. The low 32 bits are common to MySQL and MariaDB; the high 32 bits are MariaDB's
/// extended capabilities, valid only where the server leaves <see cref="LongPassword"/> unset.
/// </summary>
[Flags]
public enum CapabilityFlags : ulong
{
    None = 0,

    /// <summary>MySQL: improved old passwords. MariaDB 10.2 and later: unset, which says that extended capabilities follow.</summary>
    LongPassword = 1UL << 0,
    FoundRows = 1UL << 1,
    LongFlag = 1UL << 2,
    ConnectWithDb = 1UL << 3,
    Compress = 1UL << 5,
    LocalFiles = 1UL << 7,
    IgnoreSpace = 1UL << 8,
    Protocol41 = 1UL << 9,
    Interactive = 1UL << 10,
    Tls = 1UL << 11,
    Transactions = 1UL << 13,
    SecureConnection = 1UL << 15,
    MultiStatements = 1UL << 16,
    MultiResults = 1UL << 17,
    PreparedMultiResults = 1UL << 18,
    PluginAuth = 1UL << 19,
    ConnectAttributes = 1UL << 20,
    PluginAuthLengthEncoded = 1UL << 21,
    CanHandleExpiredPasswords = 1UL << 22,
    SessionTrack = 1UL << 23,
    DeprecateEof = 1UL << 24,

    /// <summary>MariaDB: column definitions carry the names of types that have no number of their own (json, uuid, inet6).</summary>
    MariaDbExtendedTypeInfo = 1UL << 35,
}
