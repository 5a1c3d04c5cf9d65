using Marten.Services;

namespace Marten;

/// <summary>Told before a session saves and after it has committed.</summary>
public interface IDocumentSessionListener
{
    Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token);

    Task BeforeSaveChangesAsync(IDocumentSession session, CancellationToken token);

    void DocumentLoaded(object id, object document);

    void DocumentAddedForStorage(object id, object document);
}

/// <summary>A listener that does nothing until a member is overridden.</summary>
public abstract class DocumentSessionListenerBase : IDocumentSessionListener
{
    public virtual Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;

    public virtual Task BeforeSaveChangesAsync(IDocumentSession session, CancellationToken token) => Task.CompletedTask;

    public virtual void DocumentLoaded(object id, object document)
    {
    }

    public virtual void DocumentAddedForStorage(object id, object document)
    {
    }
}
