namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What the functions of <c>jobs top</c> are ordered by.</summary>
internal enum TopOrder
{
    Queued,
    Running,
    Workers,
    Name,
}
