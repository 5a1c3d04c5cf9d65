using Marten.Services;

namespace Marten;

/// <summary>Told before and after a commit of the daemon.</summary>
public interface IChangeListener
{
    Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token);

    Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token);
}

/// <summary>Listens to nothing.</summary>
public class NullChangeListener : IChangeListener
{
    private NullChangeListener()
    {
    }

    public static IChangeListener Instance { get; } = new NullChangeListener();

    public Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;

    public Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;
}
