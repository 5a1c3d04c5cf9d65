namespace JasperFx.Events.Projections;

/// <summary>The identity of a subscription's progress.</summary>
public class ShardName
{
    internal ShardName(string name, uint version)
    {
        Name = name;
        Version = version;
        Identity = version > 1 ? $"{name}:V{version}:All" : $"{name}:All";
    }

    public string Name { get; }

    public uint Version { get; }

    public string Identity { get; }

    public override string ToString() => Identity;
}

/// <summary>How far a subscription, or the high-water mark, has come.</summary>
public class ShardState
{
    public ShardState(string shardName, long sequence)
    {
        ShardName = shardName;
        Sequence = sequence;
    }

    public string ShardName { get; }

    public long Sequence { get; }
}
