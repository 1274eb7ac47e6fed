using System.Buffers;
using System.Text;
using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Commands between programs of two versions.</summary>
public sealed class CommandSerializerTests
{
    private readonly CommandSerializer _serializer = new();

    [Fact]
    public void ACommandArrivesAsItWasSent()
    {
        var written = new ArrayBufferWriter<byte>();
        _serializer.Write(new(new SetPause(true) { AtMs = 7 }), written);
        Assert.Equal(new SetPause(true) { AtMs = 7 }, _serializer.Read(written.WrittenSpan, 1).Command);
    }

    [Theory]
    [InlineData("""{"is":"SetQuota","Server":"db-1","AtMs":7}""")]
    [InlineData("""{"is":"SetPause","IsOn":true,"Until":9,"AtMs":7}""")]
    [InlineData("""{"is":"SetMaintenance","Server":"DB 1","IsOn":true}""")]
    [InlineData("""{"is":"SetPause","IsOn":tr""")]
    [InlineData("null")]
    public void WhatANewerProgramSentIsNotPassedOver(string json)
    {
        var (command, problem) = _serializer.Read(Encoding.UTF8.GetBytes(json), 1);
        Assert.Null(command);
        Assert.NotEmpty(problem!);
    }

    [Fact]
    public void AStateOfANewerProgramIsNotTaken()
    {
        var json = JsonSerializer.Serialize(ClusterState.Empty, ClusterJson.Default.ClusterState);
        Assert.Equal(1, JsonSerializer.Deserialize(json, ClusterJson.Default.ClusterState)!.Level);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json.Insert(1, "\"Quotas\":[],"), ClusterJson.Default.ClusterState));
    }
}
