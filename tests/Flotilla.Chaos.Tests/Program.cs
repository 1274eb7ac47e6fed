using Flotilla.Chaos.Tests.Checks;
using Flotilla.Chaos.Tests.Clients;

if (args is ["--relay", .. var told])
    return await RelayProgram.RunAsync(told);
if (args is ["--child", .. var rest])
    return await WriterProgram.RunAsync(rest);
var code = await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
if (OutageTable.IsNew)
    Console.WriteLine(OutageTable.Write());
return code;
