namespace Flotilla.Cli.Hosting;

/// <summary>What a command may know of the world around the process: its streams, its terminal, its environment.</summary>
internal interface IConsole
{
    Stream Input { get; }

    /// <summary>For payloads, byte for byte.</summary>
    Stream OutputBytes { get; }

    /// <summary>Text on the same stream as <see cref="OutputBytes"/>; not buffered.</summary>
    TextWriter Output { get; }

    TextWriter Error { get; }

    bool IsInputTerminal { get; }

    bool IsOutputTerminal { get; }

    bool IsErrorTerminal { get; }

    /// <summary>Columns of the terminal; a usual number when there is none.</summary>
    int Width { get; }

    /// <summary>Lines of the terminal; a usual number when there is none.</summary>
    int Height { get; }

    TimeProvider Clock { get; }

    string? Variable(string name);

    /// <summary>The next key that was pressed, or null when none was; never waits.</summary>
    char? ReadKey();
}
