namespace Flotilla.Cli.Gearmand;

/// <summary>What a gearmand command line comes to.</summary>
internal enum GearmandIntent
{
    /// <summary>It is wrong: say why and exit with 1.</summary>
    Refuse,

    /// <summary>It is right and only that was asked: exit with 0 in silence.</summary>
    CheckOnly,

    ShowHelp,
    ShowVersion,
    Serve,
}
