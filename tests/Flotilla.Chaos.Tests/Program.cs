using Flotilla.Chaos.Tests.Clients;

return args switch
{
    ["node", "--config", var file] => await Flotilla.Chaos.Tests.World.TemporaryNode.RunAsync(file),
    ["guard", .. var rest] => Flotilla.Guard.GuardCommand.Run(rest),
    ["--child", .. var rest] => await WriterProgram.RunAsync(rest),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
