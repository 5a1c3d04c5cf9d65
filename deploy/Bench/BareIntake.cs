using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>
/// What submissions are measured beside: a process of its own, as Intake is, with an endpoint that reads the body as JSON, checks nothing,
/// seals nothing and tells nobody, but leaves the same rows: a data key in the key database, then in one batch the stream, event, sealed
/// texts, view, deadlines and idempotency key of a submission that Intake took, under new ids, in copies of its tables with their indexes,
/// each part committed before it answers 202. Beside it the least that an endpoint can do that acknowledges only what is stored: a key
/// into one database and the body into another.
/// </summary>
internal static class BareIntake
{
    public const string Verb = "serve-bare-intake";

    /// <summary>Where the same rows are left.</summary>
    public const string SameRows = "/";

    /// <summary>Where only the body is kept.</summary>
    public const string Least = "/least";

    private const int KeyLength = 60;

    /// <summary>Makes the tables, beside those of Intake.</summary>
    public static async Task Prepare(string store, string keys, CancellationToken cancellation)
    {
        await Execute(
            store,
            $"""
            create schema bare;
            create table bare.requests (id uuid primary key, body jsonb not null);
            create sequence bare.mt_events_sequence;
            {string.Join('\n', SubmissionRows.Tables.Select(table => $"create table bare.{table.Name} (like ot.{table.Name} including all);"))}
            alter table bare.mt_events add foreign key (stream_id) references bare.mt_streams (id) on delete cascade;
            """,
            cancellation);
        await Execute(
            keys,
            """
            create schema bare;
            create table bare.request_keys (owner uuid primary key, wrapped bytea not null);
            create table bare.data_keys (like public.data_keys including all);
            """,
            cancellation);
    }

    /// <summary>Serves until it is told to stop.</summary>
    /// <param name="taken">A submission that Intake took.</param>
    public static async Task<int> Serve(string address, string store, string keys, Guid taken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole().SetMinimumLevel(LogLevel.Error);
        await using var app = builder.Build();

        // As Intake sets its own connections.
        await using var stored = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(store) { NoResetOnClose = true });
        await using var sealing = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(keys) { NoResetOnClose = true });
        var rows = await SubmissionRows.Read(stored, taken);
        app.Urls.Add(address);
        app.MapGet("/", () => Results.Ok());
        app.MapPost(SameRows, async (HttpContext http) =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var id = Guid.CreateVersion7();
            await Write(sealing, [new NpgsqlBatchCommand("insert into bare.data_keys (owner, epoch, wrapped) values ($1, 1, $2)") { Parameters = { Value(id), Value(new byte[KeyLength]) } }], http.RequestAborted);
            await Write(stored, rows.Under(id), http.RequestAborted);
            return Results.Accepted($"/{id}", new { id });
        });
        app.MapPost(Least, async (HttpContext http) =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var id = Guid.CreateVersion7();
            await Write(sealing, [new NpgsqlBatchCommand("insert into bare.request_keys (owner, wrapped) values ($1, $2)") { Parameters = { Value(id), Value(new byte[KeyLength]) } }], http.RequestAborted);
            await Write(stored, [new NpgsqlBatchCommand("insert into bare.requests (id, body) values ($1, $2::jsonb)") { Parameters = { Value(id), Value(body.RootElement.GetRawText()) } }], http.RequestAborted);
            return Results.Accepted($"/{id}", new { id });
        });
        await app.RunAsync();
        return 0;
    }

    /// <summary>Starts it beside this process and returns when it answers.</summary>
    public static async Task<ProcessRecord> Start(string address, string store, string keys, Guid taken, string log, Guard guard, CancellationToken cancellation)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        environment["DOTNET_gcServer"] = "0";
        var child = ChildProcess.Start([Environment.ProcessPath!, typeof(BareIntake).Assembly.Location, Verb, address, store, keys, taken.ToString()], Path.GetDirectoryName(log)!, environment, log, Verb);
        guard.Add(new LeftProcess(child.Record, UnixSignal.Terminate));
        await Waiting.Until(
            async () =>
            {
                using var client = new HttpClient();
                using var answer = await client.GetAsync(new Uri(address), cancellation);
                return answer.IsSuccessStatusCode;
            },
            cancellation);
        return child.Record;
    }

    /// <summary>One round trip and one commit.</summary>
    private static async Task Write(NpgsqlDataSource source, IEnumerable<NpgsqlBatchCommand> commands, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static async Task Execute(string database, string sql, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(database);
#pragma warning disable CA2100 // Our own text.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
