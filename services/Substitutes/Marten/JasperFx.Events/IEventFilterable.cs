namespace JasperFx.Events;

/// <summary>Which events a subscription gets; without a call it gets all that are not archived.</summary>
public interface IEventFilterable
{
    bool IncludeArchivedEvents { get; set; }

    void IncludeType<T>();

    void IncludeType(Type type);
}
