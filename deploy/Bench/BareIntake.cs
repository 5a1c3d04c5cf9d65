using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using OtPlatform.Local;

namespace OtPlatform.Bench;

/// <summary>
/// The least that an endpoint can do that acknowledges a request only when it is stored: it reads the body as JSON, puts a key into one
/// database and the body into another, each committed, and answers 202. A process of its own, as Intake is.
/// </summary>
internal static class BareIntake
{
    public const string Verb = "serve-bare-intake";
    private const int KeyLength = 60;

    /// <summary>Makes the two tables.</summary>
    public static async Task Prepare(string store, string keys, CancellationToken cancellation)
    {
        await Execute(store, "create table requests (id uuid primary key, body jsonb not null)", cancellation);
        await Execute(keys, "create table data_keys (owner uuid primary key, wrapped bytea not null)", cancellation);
    }

    /// <summary>Serves until it is told to stop.</summary>
    public static async Task<int> Serve(string address, string store, string keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        await using var stored = NpgsqlDataSource.Create(store);
        await using var sealing = NpgsqlDataSource.Create(keys);
        app.Urls.Add(address);
        app.MapGet("/", () => Results.Ok());
        app.MapPost("/", async (HttpContext http) =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var id = Guid.CreateVersion7();
            await using (var key = sealing.CreateCommand("insert into data_keys (owner, wrapped) values ($1, $2)"))
            {
                key.Parameters.AddWithValue(id);
                key.Parameters.AddWithValue(new byte[KeyLength]);
                await key.ExecuteNonQueryAsync(http.RequestAborted);
            }

            await using (var request = stored.CreateCommand("insert into requests (id, body) values ($1, $2::jsonb)"))
            {
                request.Parameters.AddWithValue(id);
                request.Parameters.AddWithValue(body.RootElement.GetRawText());
                await request.ExecuteNonQueryAsync(http.RequestAborted);
            }

            return Results.Accepted($"/{id}", new { id });
        });
        await app.RunAsync();
        return 0;
    }

    /// <summary>Starts it beside this process and returns when it answers.</summary>
    public static async Task<ProcessRecord> Start(string address, string store, string keys, string log, Guard guard, CancellationToken cancellation)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        environment["DOTNET_gcServer"] = "0";
        var child = ChildProcess.Start([Environment.ProcessPath!, typeof(BareIntake).Assembly.Location, Verb, address, store, keys], Path.GetDirectoryName(log)!, environment, log, Verb);
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

    private static async Task Execute(string database, string sql, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(database);
#pragma warning disable CA2100 // Our own text.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
