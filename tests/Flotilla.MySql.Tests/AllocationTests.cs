using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.MySql.Tests;

public sealed class AllocationTests(Servers servers)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RowsThatAreHereAreReadWithoutAllocating(bool isBinary)
    {
        const int rowsPerRound = 50;
        await using var connection = await servers.OpenAsync(DatabaseKind.MariaDb, options => options with { Database = "mysql" });
        const string sql = "SELECT seq, 'some text', seq / 2.0, NULL FROM seq_1_to_1000";
        await using var statement = await connection.PrepareAsync(sql);
        await using var result = isBinary ? await statement.QueryAsync([]) : await connection.QueryAsync(sql);
        var sum = 0L;
        var smallest = Allocations.Smallest(() =>
        {
            for (var row = 0; row < rowsPerRound; row++)
            {
                Assert.True(result.ReadAsync().AsTask().GetAwaiter().GetResult());
                sum += result.GetInt64(0) + result.GetBytes(1).Length + (long)result.GetDouble(2);
                sum += result.IsNull(3) ? 1 : 0;
            }
        });
        Assert.Equal(0, smallest);
        Assert.NotEqual(0, sum);
    }
}
