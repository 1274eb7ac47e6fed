using BenchmarkDotNet.Attributes;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;

namespace Flotilla.Bench.Micro;

/// <summary>Records of the job stores to bytes and back.</summary>
public class RecordBenchmarks
{
    private readonly byte[] _payload = new byte[32];
    private readonly byte[] _bytes = new byte[256];

    private StoredRecord Record => new()
    {
        Kind = StoredRecordKind.JobAdded,
        Id = new JobId(1),
        Function = "load"u8,
        Unique = "key"u8,
        Data = _payload,
    };

    [GlobalSetup]
    public void Setup() => RecordCodec.Write(Record, _bytes);

    [Benchmark]
    public void Write() => RecordCodec.Write(Record, _bytes);

    [Benchmark]
    public int Read() => RecordCodec.TryRead(_bytes.AsSpan(0, RecordCodec.SizeOf(Record)), out var record) ? record.Data.Length : 0;
}
