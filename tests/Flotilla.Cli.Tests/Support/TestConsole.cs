using System.Collections.Concurrent;
using System.Text;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Tests.Support;

/// <summary>A console whose streams are memory. Unless told otherwise nothing is a terminal and the environment is empty.</summary>
internal sealed class TestConsole : IConsole
{
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public TestConsole(string input = "")
        : this(Encoding.UTF8.GetBytes(input))
    {
    }

    public TestConsole(byte[] input)
    {
        Input = new MemoryStream(input);
        OutputBytes = Stream.Synchronized(_output);
        Output = TextWriter.Synchronized(new StreamWriter(OutputBytes, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" });
        Error = TextWriter.Synchronized(_error);
    }

    public Stream Input { get; init; }

    public Stream OutputBytes { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public bool IsInputTerminal { get; init; }

    public bool IsOutputTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    public int Width { get; init; } = 120;

    public int Height { get; init; } = 40;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ConcurrentDictionary<string, string> Variables { get; } = new();

    public ConcurrentQueue<char> Keys { get; } = new();

    public byte[] WrittenBytes
    {
        get
        {
            lock (OutputBytes)
                return _output.ToArray();
        }
    }

    public string Written => Encoding.UTF8.GetString(WrittenBytes);

    public string Errors
    {
        get
        {
            lock (Error)
                return _error.ToString();
        }
    }

    public string? Variable(string name) => Variables.GetValueOrDefault(name);

    public char? ReadKey() => Keys.TryDequeue(out var key) ? key : null;
}
