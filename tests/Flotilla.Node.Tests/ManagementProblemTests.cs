using System.Net;
using System.Text.Json;

namespace Flotilla.Node.Tests;

public sealed class ManagementProblemTests
{
    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/functions", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/functions/f/pause", HttpStatusCode.MethodNotAllowed)]
    public async Task WhatHasNoRouteIsAnsweredWithAnErrorToo(string method, string path, HttpStatusCode expected)
    {
        await using var node = await RunningNode.StartAsync();
        var (status, body) = await node.AskAsync(new HttpMethod(method), path);
        Assert.Equal(expected, status);
        Assert.NotEqual("", body.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("GET", "/jobs/H:none:1", "UNKNOWN_JOB")]
    [InlineData("GET", "/jobs/H:none:1/result", "UNKNOWN_JOB")]
    [InlineData("DELETE", "/jobs/H:none:1", "UNKNOWN_JOB")]
    [InlineData("GET", "/functions/none", "UNKNOWN_FUNCTION")]
    [InlineData("POST", "/functions/none/resume", "UNKNOWN_FUNCTION")]
    public async Task ErrorsAreWordsWithTheCodeBesideThem(string method, string path, string code)
    {
        await using var node = await RunningNode.StartAsync();
        var (status, body) = await node.AskAsync(new HttpMethod(method), path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal(code, body.GetProperty("code").GetString());
        Assert.DoesNotContain(code, body.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASentenceOfGearmandIsNotTornIntoACodeAndARest()
    {
        await using var node = await RunningNode.StartAsync();
        var (_, body) = await node.AskAsync(HttpMethod.Delete, "/functions/none");
        Assert.Equal("function not found", body.GetProperty("error").GetString());
        Assert.False(body.TryGetProperty("code", out _));
    }

    [Fact]
    public async Task ASettingOfAFunctionThatNobodyNamedYetIsSaidToBeOne()
    {
        await using var node = await RunningNode.StartAsync();
        var (created, body) = await node.AskAsync(HttpMethod.Post, "/functions/nosuch/pause");
        Assert.Equal(HttpStatusCode.Created, created);
        Assert.Equal("nosuch", body.GetProperty("function").GetString());
        Assert.StartsWith("new: ", body.GetProperty("note").GetString()!, StringComparison.Ordinal);

        await node.AskAsync(HttpMethod.Post, "/functions/known/jobs", new ByteArrayContent([]));
        var (settled, nothing) = await node.AskAsync(HttpMethod.Put, "/functions/known/policy", RunningNode.Json("""{"attempts":2}"""));
        Assert.Equal(HttpStatusCode.NoContent, settled);
        Assert.Equal(JsonValueKind.Undefined, nothing.ValueKind);
    }
}
