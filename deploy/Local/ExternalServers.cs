namespace OtPlatform.Local;

/// <summary>Servers of the caller's own, used instead of private ones; each null where there is none.</summary>
public sealed record ExternalServers(string? Postgres, Uri? RabbitMq, Uri? RabbitMqManagement)
{
    private const int ManagementPort = 15672;

    /// <summary>The accounts that the private servers for the rest run as.</summary>
    internal IReadOnlyList<ServerAccount> AccountsForTheRest =>
    [
        .. Postgres is null ? [ServerAccount.Postgres] : Enumerable.Empty<ServerAccount>(),
        .. RabbitMq is null ? [ServerAccount.RabbitMq] : Enumerable.Empty<ServerAccount>(),
    ];

    /// <summary>As OT_POSTGRES, OT_RABBITMQ and OT_RABBITMQ_MANAGEMENT say.</summary>
    public static ExternalServers FromEnvironment()
    {
        var broker = Address("OT_RABBITMQ", "amqp://user:password@host:5672");
        return new ExternalServers(
            Value("OT_POSTGRES"),
            broker,
            Address("OT_RABBITMQ_MANAGEMENT", "http://host:15672") ?? (broker is null ? null : new Uri($"http://{broker.Host}:{ManagementPort}")));
    }

    private static string? Value(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static Uri? Address(string name, string example) => Value(name) switch
    {
        null => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var address) => address,
        _ => throw new LocalFailureException($"{name} is not an address like {example}."),
    };
}
