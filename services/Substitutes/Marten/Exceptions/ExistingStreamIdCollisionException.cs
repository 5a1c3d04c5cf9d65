namespace Marten.Exceptions;

/// <summary>A stream was started that exists already.</summary>
public class ExistingStreamIdCollisionException : MartenException
{
    public ExistingStreamIdCollisionException(object id, Type? aggregateType)
        : base($"Stream #{id} already exists in the database")
    {
        Id = id;
        AggregateType = aggregateType;
    }

    public object Id { get; }

    public Type? AggregateType { get; }
}
