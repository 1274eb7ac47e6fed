using Flotilla.Chaos.Tests.Clients;

if (args is ["--relay", .. var told])
    return await RelayProgram.RunAsync(told);
return args is ["--child", .. var rest]
    ? await WriterProgram.RunAsync(rest)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
