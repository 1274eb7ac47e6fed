using System.Text;

namespace Flotilla.Cli.Hosting;

/// <summary>The console of this process.</summary>
internal sealed class SystemConsole : IConsole
{
    private const int DefaultWidth = 100;
    private const int DefaultHeight = 40;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Lazy<Stream> _input = new(Console.OpenStandardInput);
    private readonly Lazy<Stream> _outputBytes = new(Console.OpenStandardOutput);
    private readonly Lazy<TextWriter> _output;
    private readonly Lazy<TextWriter> _error = new(() => new StreamWriter(Console.OpenStandardError(), Utf8) { AutoFlush = true });

    public SystemConsole()
        => _output = new Lazy<TextWriter>(() => new StreamWriter(OutputBytes, Utf8) { AutoFlush = true });

    public Stream Input => _input.Value;

    public Stream OutputBytes => _outputBytes.Value;

    public TextWriter Output => _output.Value;

    public TextWriter Error => _error.Value;

    public bool IsInputTerminal => !Console.IsInputRedirected;

    public bool IsOutputTerminal => !Console.IsOutputRedirected;

    public bool IsErrorTerminal => !Console.IsErrorRedirected;

    public int Width => IsOutputTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : DefaultWidth;

    public int Height => IsOutputTerminal && Console.WindowHeight > 0 ? Console.WindowHeight : DefaultHeight;

    public TimeProvider Clock => TimeProvider.System;

    public string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    public char? ReadKey() => IsInputTerminal && Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : null;
}
