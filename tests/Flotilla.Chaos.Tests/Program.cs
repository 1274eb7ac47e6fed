using Flotilla.Chaos.Tests.Clients;

return args is ["--child", .. var rest]
    ? await WriterProgram.RunAsync(rest)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
