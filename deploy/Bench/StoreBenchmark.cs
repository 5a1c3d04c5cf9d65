using Npgsql;

namespace OtPlatform.Bench;

/// <summary>The event store beside raw Npgsql doing the same rows in as many transactions and round trips.</summary>
internal sealed class StoreBenchmark : Benchmark
{
    public override string Name => "store";

    public override async Task Run(Workbench bench, CancellationToken cancellation)
    {
        var database = await bench.FreshDatabase("store", cancellation);
        await using var source = NpgsqlDataSource.Create(database);
        await bench.Compare("ask", "questions", null, 5, _ => Ask(source), _ => Ask(source));
    }

    private static async Task<int> Ask(NpgsqlDataSource source)
    {
        for (var i = 0; i < 500; i++)
        {
            await using var command = source.CreateCommand("select 1");
            await command.ExecuteScalarAsync();
        }

        return 500;
    }
}
