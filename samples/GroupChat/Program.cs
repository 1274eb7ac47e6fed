using System.Net;
using Flotilla.Groups;
using Flotilla.Samples.GroupChat;

if (arguments(args) is not { } options)
{
    Console.Error.WriteLine("usage: GroupChat NAME LISTEN [SEED...]    e.g. GroupChat ann 127.0.0.1:5001, then GroupChat bob 127.0.0.1:5002 127.0.0.1:5001");
    return 64;
}

try
{
    await using var node = await GroupNode.StartAsync(options);
    var chat = new ChatRoom(node);
    await chat.EnterAsync();
    while (await Console.In.ReadLineAsync() is { } line and not "/quit")
    {
        if (line == "/who")
            chat.ShowMembers();
        else if (line.Length > 0)
            await chat.SayAsync(line);
    }

    return 0;
}
catch (Exception problem) when (problem is System.Net.Sockets.SocketException or ArgumentException or GroupException)
{
    Console.Error.WriteLine($"GroupChat: {problem.Message}");
    return 1;
}

// The first one starts a cluster of its own, the others name any of those that are there.
static GroupOptions? arguments(string[] args)
    => args.Length >= 2 && IPEndPoint.TryParse(args[1], out var listen)
        ? new GroupOptions { Name = args[0], Listen = listen, Seeds = [.. args[2..]], Founding = args.Length == 2 ? Founding.Alone : Founding.Never }
        : null;
