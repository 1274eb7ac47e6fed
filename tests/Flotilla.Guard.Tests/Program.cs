using Flotilla.Guard;
using Flotilla.Guard.Tests.Support;

// The test program is the guard, too, and the node that is killed.
return args switch
{
    [GuardCommand.Name, .. var rest] => GuardCommand.Run(rest),
    ["--child", .. var rest] => await ChildNode.RunAsync(rest),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
