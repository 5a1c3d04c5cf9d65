using JasperFx;
using Marten;
using Marten.Exceptions;

namespace OtPlatform.StoreConformance;

public sealed class ByText
{
    public string Id { get; set; } = "";

    public string Text { get; set; } = "";
}

public sealed class ByNumber
{
    public int Id { get; set; }

    public string Text { get; set; } = "";
}

public sealed class ByLargeNumber
{
    public long Id { get; set; }

    public string Text { get; set; } = "";
}

/// <summary>Every kind of id, and the writes that ask what is there.</summary>
public sealed class DocumentIdTests : StoreFixture
{
    [Test]
    public async Task Documents_with_text_ids_are_loaded_asked_for_and_deleted()
    {
        await SaveAsync(session => session.Store(new ByText { Id = "a", Text = "1" }, new ByText { Id = "b", Text = "2" }, new ByText { Id = "c", Text = "3" }));
        await using var session = Store.LightweightSession();
        Assert.That((await session.LoadAsync<ByText>("b"))!.Text, Is.EqualTo("2"));
        Assert.That(await session.CheckExistsAsync<ByText>("b"), Is.True);
        Assert.That(await session.LoadManyAsync<ByText>("a", "c", "x"), Has.Count.EqualTo(2));
        Assert.That(await session.LoadManyAsync<ByText>(CancellationToken.None, new List<string> { "a" }), Has.Count.EqualTo(1));
        session.Delete<ByText>("b");
        await session.SaveChangesAsync();
        Assert.That(await session.CheckExistsAsync<ByText>("b"), Is.False);
    }

    [Test]
    public async Task Documents_with_numbers_as_ids_are_loaded_asked_for_and_deleted()
    {
        await SaveAsync(session => session.Store(new ByNumber { Id = 1, Text = "1" }, new ByNumber { Id = 2, Text = "2" }));
        await using var session = Store.LightweightSession();
        Assert.That((await session.LoadAsync<ByNumber>(2))!.Text, Is.EqualTo("2"));
        Assert.That(await session.CheckExistsAsync<ByNumber>(2), Is.True);
        Assert.That(await session.LoadManyAsync<ByNumber>(1, 2, 3), Has.Count.EqualTo(2));
        session.Delete<ByNumber>(2);
        await session.SaveChangesAsync();
        Assert.That(await session.LoadAsync<ByNumber>(2), Is.Null);
    }

    [Test]
    public async Task Documents_with_large_numbers_as_ids_are_loaded_asked_for_and_deleted()
    {
        const long large = 5_000_000_000;
        await SaveAsync(session => session.Store(new ByLargeNumber { Id = large, Text = "large" }));
        await using var session = Store.LightweightSession();
        Assert.That((await session.LoadAsync<ByLargeNumber>(large))!.Text, Is.EqualTo("large"));
        Assert.That(await session.CheckExistsAsync<ByLargeNumber>(large), Is.True);
        Assert.That(await session.LoadManyAsync<ByLargeNumber>(large), Has.Count.EqualTo(1));
        session.Delete<ByLargeNumber>(large);
        await session.SaveChangesAsync();
        Assert.That(await session.CheckExistsAsync<ByLargeNumber>(large), Is.False);
    }

    [Test]
    public async Task Documents_with_guids_are_loaded_by_a_list_of_ids()
    {
        var people = Enumerable.Range(1, 3).Select(age => new Person { Id = Guid.NewGuid(), Age = age }).ToArray();
        await SaveAsync(session => session.Insert(people));
        await using var session = Store.QuerySession();
        Assert.That(await session.LoadManyAsync<Person>(new List<Guid> { people[0].Id, people[2].Id }), Has.Count.EqualTo(2));
        Assert.That(await session.LoadManyAsync<Person>(CancellationToken.None, people[0].Id), Has.Count.EqualTo(1));
        Assert.That(await session.LoadManyAsync<Person>(Array.Empty<Guid>()), Is.Empty);
    }

    [Test]
    public async Task Several_documents_are_inserted_and_updated_at_once()
    {
        var people = Enumerable.Range(1, 3).Select(age => new Person { Id = Guid.NewGuid(), Age = age }).ToList();
        await SaveAsync(session => session.Insert<Person>(people));
        people.ForEach(person => person.Age += 10);
        await SaveAsync(session => session.Update<Person>(people));
        await using var session = Store.QuerySession();
        Assert.That((await session.LoadManyAsync<Person>(people.Select(p => p.Id))).Select(p => p.Age), Is.EquivalentTo(new[] { 11, 12, 13 }));
    }

    [Test]
    public async Task An_update_of_what_is_not_there_is_refused()
    {
        await SaveAsync(session => session.Store(new Person()));
        Assert.That(async () => await SaveAsync(session => session.Update(new Person { Id = Guid.NewGuid() })), Throws.InstanceOf<NonExistentDocumentException>());
    }

    [Test]
    public async Task An_insert_that_is_refused_takes_its_whole_session_with_it()
    {
        var (taken, other) = (Guid.NewGuid(), Guid.NewGuid());
        await SaveAsync(session => session.Insert(new Person { Id = taken, Name = "first" }));
        Assert.That(
            async () => await SaveAsync(session =>
            {
                session.Store(new Person { Id = other });
                session.Insert(new Person { Id = taken, Name = "second" });
                session.Events.StartStream(other, new NoteAdded(1));
            }),
            Throws.InstanceOf<DocumentAlreadyExistsException>());
        await using var session = Store.QuerySession();
        Assert.That((await session.LoadAsync<Person>(taken))!.Name, Is.EqualTo("first"));
        Assert.That(await session.LoadAsync<Person>(other), Is.Null);
        Assert.That(await session.Events.FetchStreamStateAsync(other), Is.Null);
    }

    [Test]
    public async Task A_guarded_document_is_updated_at_the_version_that_was_expected_only()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Store(new Guarded { Id = id, Text = "first" }));
        var version = await ScalarAsync<Guid>($"select mt_version from {Schema}.mt_doc_guarded");
        await SaveAsync(session => session.UpdateExpectedVersion(new Guarded { Id = id, Text = "second" }, version));
        Assert.That(
            async () => await SaveAsync(session => session.UpdateExpectedVersion(new Guarded { Id = id, Text = "third" }, version)),
            Throws.InstanceOf<ConcurrencyException>());
        await using var session = Store.QuerySession();
        Assert.That((await session.LoadAsync<Guarded>(id))!.Text, Is.EqualTo("second"));
    }

    [Test]
    public async Task Of_concurrent_updates_at_one_revision_one_wins()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Insert(new Versioned { Id = id }));
        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            try
            {
                await SaveAsync(session => session.UpdateRevision(new Versioned { Id = id, Text = $"{number}" }, 2));
                return true;
            }
            catch (ConcurrencyException)
            {
                return false;
            }
        }));
        Assert.That(won.Count(w => w), Is.EqualTo(1));
        Assert.That(await ScalarAsync<long>($"select mt_version::bigint from {Schema}.mt_doc_versioned"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_revision_may_skip_numbers()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Insert(new Versioned { Id = id }));
        await SaveAsync(session => session.UpdateRevision(new Versioned { Id = id, Text = "5" }, 5));
        Assert.That(await ScalarAsync<long>($"select mt_version::bigint from {Schema}.mt_doc_versioned"), Is.EqualTo(5));
    }

    [Test]
    public async Task A_unique_index_over_two_members_counts_them_together()
    {
        var store = NewStore(options => options.Schema.For<Person>().UniqueIndex(p => p.Name, p => p.Age));
        await using (var session = store.LightweightSession())
        {
            session.Store(new Person { Id = Guid.NewGuid(), Name = "a", Age = 1 }, new Person { Id = Guid.NewGuid(), Name = "a", Age = 2 });
            await session.SaveChangesAsync();
        }

        await using var second = store.LightweightSession();
        second.Store(new Person { Id = Guid.NewGuid(), Name = "a", Age = 2 });
        Assert.That(async () => await second.SaveChangesAsync(), Throws.Exception);
    }

    [Test]
    public async Task A_session_s_documents_of_several_types_are_cleaned_by_type()
    {
        await SaveAsync(session =>
        {
            session.Store(new Person { Id = Guid.NewGuid() });
            session.Store(new ByText { Id = "a" });
        });
        await Store.Advanced.Clean.DeleteDocumentsByTypeAsync(typeof(Person));
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_person"), Is.Zero);
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_bytext"), Is.EqualTo(1));
    }

    private async Task SaveAsync(Action<IDocumentSession> write)
    {
        await using var session = Store.LightweightSession();
        write(session);
        await session.SaveChangesAsync();
    }
}
