using Flotilla.Guard;

// The test program is the guard, too.
return args switch
{
    [GuardCommand.Name, .. var rest] => GuardCommand.Run(rest),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
