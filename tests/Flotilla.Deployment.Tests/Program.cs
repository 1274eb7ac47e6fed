using Flotilla.Deployment.Tests.Support;

return args is ["--child", .. var rest]
    ? await Children.RunAsync(rest)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
