namespace Flotilla.Cli.Gearmand;

/// <summary>gearmand's log levels, most severe first; their names are its words.</summary>
internal enum GearmandVerbosity
{
    Fatal,
    Alert,
    Critical,
    Error,
    Warning,
    Notice,
    Info,
    Debug,
}
