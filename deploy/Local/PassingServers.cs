namespace OtPlatform.Local;

/// <summary>
/// A PostgreSQL and a RabbitMQ for as long as one command runs: those that the environment names, else private ones, whose
/// processes and data the guard does away with.
/// </summary>
public sealed record PassingServers(string Postgres, Uri RabbitMq, Uri RabbitMqManagement, bool PostgresIsPrivate)
{
    /// <summary>Starts what is not there, with its data below <paramref name="area"/>, a folder that goes with the guard as well.</summary>
    public static async Task<PassingServers> Start(string area, Guard guard, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(guard);
        var external = ExternalServers.FromEnvironment();
        RunFolder.OfCheckout.Create();
        guard.Add(new LeftFolder(area));
        var folder = await ServerFolder.Create(Files.CreateFolder(area), external.AccountsForTheRest);
        guard.Add(new LeftFolder(folder.Path));
        var postgres = external.Postgres;
        if (postgres is null)
        {
            var server = await PrivatePostgres.Start(
                Path.Combine(folder.Path, "postgres"), Path.Combine(folder.Path, "postgres.log"), preferredPort: null, Console.WriteLine,
                process => guard.Add(new LeftProcess(process, UnixSignal.Quit)), cancellation);
            postgres = server.ConnectionString;
        }

        if (external is { RabbitMq: { } address, RabbitMqManagement: { } management })
        {
            return new PassingServers(postgres, address, management, external.Postgres is null);
        }

        var broker = await PrivateRabbitMq.Start(
            Path.Combine(folder.Path, "rabbitmq"), Path.Combine(folder.Path, "rabbitmq.log"), preferredPorts: null, Console.WriteLine,
            process => guard.Add(new LeftProcess(process, UnixSignal.Kill)), cancellation);
        return new PassingServers(postgres, broker.Address, broker.Management, external.Postgres is null);
    }
}
