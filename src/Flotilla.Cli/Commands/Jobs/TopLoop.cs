using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Looks, draws, waits, again.</summary>
internal sealed class TopLoop(IConsole console, ServerAccess access)
{
    private static readonly TimeSpan KeyPeriod = TimeSpan.FromMilliseconds(50);

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    public long Count { get; init; } = long.MaxValue;

    public TopOrder Order { get; set; }

    public bool AsJson { get; init; }

    private bool IsLive => console.IsOutputTerminal && !AsJson && Count > 1;

    /// <summary>Ends well when cancelled or quit; a server that is gone is shown as such until it is back.</summary>
    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        var admins = access.CreateAdmins();
        using var screen = IsLive ? new TopScreen(console) : null;
        try
        {
            return await LookAgainAndAgainAsync(admins, screen, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        finally
        {
            foreach (var admin in admins)
                await admin.DisposeAsync();
        }
    }

    private async Task<ExitCode> LookAgainAndAgainAsync(IReadOnlyList<GearmanAdmin> admins, TopScreen? screen, CancellationToken cancellationToken)
    {
        Dictionary<GearmanAddress, TopLook> before = [];
        for (var round = 1L; ; round++)
        {
            var looks = new List<TopLook>();
            foreach (var admin in admins)
                looks.Add(await LookAsync(admin, cancellationToken));
            if (round == 1 && looks.TrueForAll(look => look.Failure is not null))
                throw looks[0].Failure!;
            if (AsJson)
                console.Output.WriteLine(TopRendering.ToJson(looks, before, console.Clock));
            else if (screen is not null)
                screen.Draw(TopRendering.ToScreen(looks, before, Order, console));
            else
                console.Output.WriteLine(TopRendering.ToText(looks, before, Order, console.Clock));
            if (round >= Count || await WaitAsync(screen, looks, before, cancellationToken))
                return ExitCode.Ok;
            before = looks.Where(look => look.Failure is null).ToDictionary(look => look.Server);
        }
    }

    private async Task<TopLook> LookAsync(GearmanAdmin admin, CancellationToken cancellationToken)
    {
        try
        {
            var functions = await FunctionTable.AskAsync(admin, cancellationToken);
            return new TopLook(admin.Server, await DetailsAsync(admin, cancellationToken), functions, null, console.Clock.GetTimestamp());
        }
        catch (Exception failure) when (failure is not OperationCanceledException && Failures.Find(failure) is { } found)
        {
            return new TopLook(admin.Server, null, [], found, console.Clock.GetTimestamp());
        }
    }

    private static async Task<ServerDetails?> DetailsAsync(GearmanAdmin admin, CancellationToken cancellationToken)
    {
        try
        {
            return await admin.GetServerAsync(cancellationToken);
        }
        catch (GearmanServerException refusal) when (refusal.Code is "UNKNOWN_SHOW_ARGUMENTS" or "UNKNOWN_COMMAND")
        {
            return null;
        }
    }

    /// <summary>Waits for the next look; true when asked to quit.</summary>
    private async Task<bool> WaitAsync(
        TopScreen? screen, List<TopLook> looks, Dictionary<GearmanAddress, TopLook> before, CancellationToken cancellationToken)
    {
        var start = console.Clock.GetTimestamp();
        while (console.Clock.GetElapsedTime(start) is var elapsed && elapsed < Interval)
        {
            switch (screen is null ? null : console.ReadKey())
            {
                case 'q' or 'Q':
                    return true;
                case 's' or 'S':
                    Order = Order == TopOrder.Name ? TopOrder.Queued : Order + 1;
                    screen!.Draw(TopRendering.ToScreen(looks, before, Order, console));
                    break;
                default:
                    var left = Interval - elapsed;
                    await Task.Delay(screen is not null && left > KeyPeriod ? KeyPeriod : left, console.Clock, cancellationToken);
                    break;
            }
        }

        return false;
    }
}
