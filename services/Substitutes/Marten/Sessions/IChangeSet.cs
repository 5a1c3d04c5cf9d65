using JasperFx.Events;

namespace Marten.Services;

/// <summary>What a session has written.</summary>
public interface IChangeSet
{
    IEnumerable<object> Updated { get; }

    IEnumerable<object> Inserted { get; }

    IEnumerable<IEvent> GetEvents();

    IEnumerable<StreamAction> GetStreams();
}
