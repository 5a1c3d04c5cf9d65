namespace OtPlatform.StoreConformance;

/// <summary>The one place that knows where the server is.</summary>
internal static class PostgresServer
{
    internal static string HostConnectionString =>
        Environment.GetEnvironmentVariable("OT_POSTGRES")
        ?? throw new InvalidOperationException("OT_POSTGRES is not set: these tests need a PostgreSQL server, such as Host=127.0.0.1;Port=5599;Username=app");
}
