namespace Marten.Events;

/// <inheritdoc />
public interface IQueryEventStore : JasperFx.Events.IQueryEventStore;

/// <inheritdoc cref="JasperFx.Events.IEventStoreOperations" />
public interface IEventStoreOperations : JasperFx.Events.IEventStoreOperations, IQueryEventStore;
