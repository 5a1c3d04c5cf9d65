namespace OtPlatform.Local.Faults;

/// <summary>The addresses of every replica of a service, one after the other: what a load balancer in front of them would do.</summary>
internal sealed class Doors(IReadOnlyList<Replica> replicas)
{
    private int _turn = -1;

    public IReadOnlyList<Replica> Of(string service) => [.. replicas.Where(replica => replica.Service == service)];

    /// <summary>The next REST address of the service.</summary>
    public string Rest(string service) => Next(service).Address;

    /// <summary>The next gRPC address of the service.</summary>
    public string Grpc(string service) => Next(service).GrpcAddress!;

    private Replica Next(string service)
    {
        var all = Of(service);
        return all[(Interlocked.Increment(ref _turn) & int.MaxValue) % all.Count];
    }
}
