using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests.Browser;

/// <summary>A real browser without a window, spoken to by its debugging protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ws://";

    private static readonly string s_program = Repository.Combine(".tools", "peers", "bin", "chromium");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly ClientWebSocket _socket = new();
    private int _number;

    private Chromium(Process process, DirectoryInfo folder) => (_process, _folder) = (process, folder);

    public static async Task<Chromium> OpenAsync(Uri page)
    {
        Assert.SkipUnless(File.Exists(s_program), "peers are missing; run eng/peers/fetch.sh");
        var folder = Directory.CreateTempSubdirectory("flotilla-chromium-");
        var start = new ProcessStartInfo(s_program) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--window-size=1280,1400", "--remote-debugging-port=0", $"--user-data-dir={folder.FullName}", "about:blank"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // It leaves things behind that only its own folder's end removes.
        start.Environment["TMPDIR"] = folder.FullName;
        var browser = new Chromium(Process.Start(start)!, folder);
        try
        {
            await browser.ConnectAsync(page).WaitAsync(s_patience);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program in the page and returns what it is, as text.</summary>
    public async Task<string> RunAsync(string script)
    {
        var answer = await CallAsync("Runtime.evaluate", new Dictionary<string, object> { ["expression"] = $"(async () => String({script}))()", ["awaitPromise"] = true });
        if (answer.TryGetProperty("exceptionDetails", out var failure))
            throw new InvalidOperationException(failure.ToString());
        return answer.GetProperty("result").GetProperty("value").GetString()!;
    }

    /// <summary>Waits until the script's result contains that; a page that is not loaded yet has nothing.</summary>
    public Task UntilAsync(string script, string expected)
        => Deadline.UntilAsync(async () => (await RunAsync($"(() => {{ try {{ return {script}; }} catch {{ return ''; }} }})()")).Contains(expected, StringComparison.Ordinal), $"{script} has {expected}");

    public async Task<byte[]> ScreenshotAsync() => (await CallAsync("Page.captureScreenshot", [])).GetProperty("data").GetBytesFromBase64();

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task ConnectAsync(Uri page)
    {
        string? line;
        while ((line = await _process.StandardError.ReadLineAsync()) is not null && !line.StartsWith(Announcement, StringComparison.Ordinal))
        {
        }

        var place = line?[Announcement.Length..].Split('/')[0] ?? throw new IOException($"{s_program} ended before it could be spoken to");
        _ = _process.StandardError.ReadToEndAsync();
        _ = _process.StandardOutput.ReadToEndAsync();
        using var http = new HttpClient();
        using var pages = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://{place}/json/list")));
        var first = pages.RootElement.EnumerateArray().First(one => one.GetProperty("type").GetString() == "page");
        await _socket.ConnectAsync(new Uri(first.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        await CallAsync("Page.navigate", new Dictionary<string, object> { ["url"] = page.ToString() });
    }

    private async Task<JsonElement> CallAsync(string method, Dictionary<string, object> parameters)
    {
        using var limit = new CancellationTokenSource(s_patience);
        var number = ++_number;
        var request = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["id"] = number, ["method"] = method, ["params"] = parameters });
        await _socket.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        while (true)
        {
            using var message = new MemoryStream();
            var buffer = new byte[64 * 1024];
            WebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer, limit.Token);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            var answer = JsonDocument.Parse(Encoding.UTF8.GetString(message.ToArray())).RootElement;
            if (answer.TryGetProperty("id", out var id) && id.GetInt32() == number)
                return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.ToString());
        }
    }
}
