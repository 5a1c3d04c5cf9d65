using JasperFx;
using Marten.Exceptions;
using Npgsql;

namespace OtPlatform.StoreConformance;

public sealed class DocumentTests : StoreFixture
{
    [Test]
    public async Task A_stored_document_is_loaded_by_its_id()
    {
        var appointment = new Appointment(Guid.NewGuid(), new DateTimeOffset(2026, 5, 4, 9, 30, 0, TimeSpan.Zero), Route.HybridTeam, "Oulu");
        await SaveAsync(session => session.Store(appointment));
        await using var reading = Store.QuerySession();
        Assert.That(await reading.LoadAsync<Appointment>(appointment.Id), Is.EqualTo(appointment));
        Assert.That(await reading.LoadAsync<Appointment>(Guid.NewGuid()), Is.Null);
    }

    [Test]
    public async Task A_second_store_overwrites()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Store(new Person { Id = id, Name = "before" }));
        await SaveAsync(session => session.Store(new Person { Id = id, Name = "after" }));
        await using var reading = Store.QuerySession();
        Assert.That((await reading.LoadAsync<Person>(id))!.Name, Is.EqualTo("after"));
    }

    [Test]
    public async Task An_empty_guid_is_replaced_by_a_new_id()
    {
        var person = new Person { Name = "new" };
        await SaveAsync(session => session.Store(person));
        Assert.That(person.Id, Is.Not.EqualTo(Guid.Empty));
    }

    [Test]
    public async Task Inserting_the_same_id_twice_is_refused()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Insert(new Person { Id = id }));
        await using var second = Store.LightweightSession();
        second.Insert(new Person { Id = id });
        Assert.That(async () => await second.SaveChangesAsync(), Throws.InstanceOf<DocumentAlreadyExistsException>());
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(19)]
    public async Task Of_several_inserts_in_one_session_the_refused_one_is_named_and_none_is_kept(int taken)
    {
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
        await SaveAsync(session => session.Insert(new Person { Id = ids[taken] }));
        await using var session = Store.LightweightSession();
        foreach (var id in ids)
        {
            session.Insert(new Person { Id = id });
        }

        var refused = Assert.ThrowsAsync<DocumentAlreadyExistsException>(() => session.SaveChangesAsync())!;
        await using var reading = Store.QuerySession();
        Assert.That(refused.Id, Is.EqualTo(ids[taken]));
        Assert.That((await reading.LoadManyAsync<Person>(ids)).Select(person => person.Id), Is.EqualTo(new[] { ids[taken] }));
    }

    [Test]
    public async Task One_id_cannot_be_inserted_twice_in_one_session_either()
    {
        var id = Guid.NewGuid();
        await using var session = Store.LightweightSession();
        session.Insert(new Person { Id = Guid.NewGuid() }, new Person { Id = id }, new Person { Id = id });
        var refused = Assert.ThrowsAsync<DocumentAlreadyExistsException>(() => session.SaveChangesAsync())!;
        Assert.That(refused.Id, Is.EqualTo(id));
        Assert.That(await ScalarAsync<long>($"select count(*) from {Schema}.mt_doc_person"), Is.Zero);
    }

    [Test]
    public async Task Several_documents_of_several_types_are_inserted_as_they_are()
    {
        var people = Enumerable.Range(0, 40).Select(age => new Person { Id = Guid.NewGuid(), Name = $"n{age}", Age = age }).ToArray();
        await SaveAsync(session =>
        {
            session.Insert(people[..30]);
            session.Store(new Person { Name = "between" });
            session.Insert(people[30..]);
        });
        await using var reading = Store.QuerySession();
        Assert.That((await reading.LoadManyAsync<Person>(people.Select(person => person.Id))).Select(person => (person.Id, person.Name, person.Age)), Is.EquivalentTo(people.Select(person => (person.Id, person.Name, person.Age))));
    }

    [Test]
    public async Task Documents_of_several_types_that_are_stored_in_turns_are_stored_as_they_are_new_or_known()
    {
        var people = Enumerable.Range(0, 40).Select(age => new Person { Id = Guid.NewGuid(), Name = $"n{age}", Age = age }).ToArray();
        var others = Enumerable.Range(0, 40).Select(at => new Guarded { Id = Guid.NewGuid(), Text = $"text {at}" }).ToArray();
        await SaveAsync(session => session.Store(people.Take(20).Select(person => new Person { Id = person.Id, Name = "before" }).ToArray()));
        await SaveAsync(session =>
        {
            foreach (var (person, other) in people.Zip(others))
            {
                session.Store(person);
                session.Insert(other);
            }
        });
        await using var reading = Store.QuerySession();
        Assert.Multiple(async () =>
        {
            Assert.That((await reading.LoadManyAsync<Person>(people.Select(person => person.Id))).Select(person => (person.Id, person.Name, person.Age)), Is.EquivalentTo(people.Select(person => (person.Id, person.Name, person.Age))));
            Assert.That((await reading.LoadManyAsync<Guarded>(others.Select(one => one.Id))).Select(one => (one.Id, one.Text)), Is.EquivalentTo(others.Select(one => (one.Id, one.Text))));
        });
    }

    [Test]
    public async Task Of_what_a_session_writes_of_one_document_the_last_holds()
    {
        var (changed, gone, back) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await SaveAsync(session =>
        {
            session.Insert(new Person { Id = changed, Name = "first" }, new Person { Id = gone, Name = "gone" }, new Person { Id = back, Name = "before" });
            session.Store(new Person { Id = changed, Name = "second" }, new Person { Name = "another" });
            session.Delete<Person>(gone);
            session.Delete<Person>(back);
            session.Store(new Person { Id = changed, Name = "third" }, new Person { Id = back, Name = "back" });
        });
        await using var reading = Store.QuerySession();
        Assert.That((await reading.LoadManyAsync<Person>(changed, gone, back)).Select(person => (person.Id, person.Name)), Is.EquivalentTo(new[] { (changed, "third"), (back, "back") }));
    }

    [Test]
    public async Task Of_many_inserts_of_one_id_exactly_one_wins()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Store(new Person()));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async age =>
        {
            await using var session = Store.LightweightSession();
            session.Insert(new Person { Id = id, Age = age });
            try
            {
                await session.SaveChangesAsync();
                return true;
            }
            catch (DocumentAlreadyExistsException)
            {
                return false;
            }
        }));
        Assert.That(outcomes.Count(won => won), Is.EqualTo(1));
    }

    [Test]
    public async Task A_document_may_have_another_member_as_its_id()
    {
        var store = NewStore(options => options.Schema.For<Keyed>().Identity(k => k.MatterKey));
        var keyed = new Keyed { MatterKey = "h:1", CaseId = Guid.NewGuid() };
        await using var session = store.LightweightSession();
        session.Insert(keyed);
        await session.SaveChangesAsync();
        Assert.That((await session.LoadAsync<Keyed>("h:1"))!.CaseId, Is.EqualTo(keyed.CaseId));
    }

    [Test]
    public async Task Several_documents_are_loaded_at_once()
    {
        var people = Enumerable.Range(1, 5).Select(age => new Person { Id = Guid.NewGuid(), Age = age }).ToArray();
        await SaveAsync(session => session.Store(people));
        await using var reading = Store.QuerySession();
        var found = await reading.LoadManyAsync<Person>(people[1].Id, people[3].Id, Guid.NewGuid());
        Assert.That(found.Select(p => p.Age), Is.EquivalentTo(new[] { 2, 4 }));
    }

    [Test]
    public async Task Existence_is_asked_without_loading()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Store(new Person { Id = id }));
        await using var reading = Store.QuerySession();
        Assert.That(await reading.CheckExistsAsync<Person>(id), Is.True);
        Assert.That(await reading.CheckExistsAsync<Person>(Guid.NewGuid()), Is.False);
    }

    [Test]
    public async Task A_deleted_document_is_gone()
    {
        var (first, second) = (new Person { Id = Guid.NewGuid() }, new Person { Id = Guid.NewGuid() });
        await SaveAsync(session => session.Store(first, second));
        await SaveAsync(session =>
        {
            session.Delete<Person>(first.Id);
            session.Delete(second);
        });
        await using var reading = Store.QuerySession();
        Assert.That(await reading.LoadManyAsync<Person>(first.Id, second.Id), Is.Empty);
    }

    [Test]
    public async Task Revisions_are_counted_from_one()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Insert(new Versioned { Id = id }));
        await SaveAsync(session => session.Store(new Versioned { Id = id }));
        await SaveAsync(session => session.Update(new Versioned { Id = id }));
        Assert.That(await ScalarAsync<long>($"select mt_version::bigint from {Schema}.mt_doc_versioned"), Is.EqualTo(3));
    }

    [Test]
    public async Task A_revision_that_is_not_higher_is_refused()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Insert(new Versioned { Id = id, Text = "1" }));
        await SaveAsync(session => session.UpdateRevision(new Versioned { Id = id, Text = "2" }, 2));
        await using var late = Store.LightweightSession();
        late.UpdateRevision(new Versioned { Id = id, Text = "also 2" }, 2);
        Assert.That(async () => await late.SaveChangesAsync(), Throws.InstanceOf<ConcurrencyException>());

        await using var reading = Store.QuerySession();
        Assert.That((await reading.LoadAsync<Versioned>(id))!.Text, Is.EqualTo("2"));
    }

    [Test]
    public async Task A_tried_revision_that_is_not_higher_changes_nothing()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Insert(new Versioned { Id = id, Text = "1" }));
        await SaveAsync(session => session.TryUpdateRevision(new Versioned { Id = id, Text = "ignored" }, 1));
        await using var reading = Store.QuerySession();
        Assert.That((await reading.LoadAsync<Versioned>(id))!.Text, Is.EqualTo("1"));
    }

    [Test]
    public async Task A_guarded_document_that_was_changed_since_it_was_loaded_is_not_overwritten()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Store(new Guarded { Id = id, Text = "first" }));
        await using var slow = Store.LightweightSession();
        var loaded = (await slow.LoadAsync<Guarded>(id))!;
        await using (var quick = Store.LightweightSession())
        {
            var other = (await quick.LoadAsync<Guarded>(id))!;
            other.Text = "quick";
            quick.Store(other);
            await quick.SaveChangesAsync();
        }

        loaded.Text = "slow";
        slow.Store(loaded);
        Assert.That(async () => await slow.SaveChangesAsync(), Throws.InstanceOf<ConcurrencyException>());
    }

    [Test]
    public async Task A_guarded_document_can_be_saved_twice_by_the_session_that_loaded_it()
    {
        var id = Guid.NewGuid();
        await SaveAsync(session => session.Store(new Guarded { Id = id, Text = "first" }));
        await using var session = Store.LightweightSession();
        var loaded = (await session.LoadAsync<Guarded>(id))!;
        foreach (var text in new[] { "second", "third" })
        {
            loaded.Text = text;
            session.Store(loaded);
            await session.SaveChangesAsync();
        }

        Assert.That((await session.LoadAsync<Guarded>(id))!.Text, Is.EqualTo("third"));
    }

    [Test]
    public async Task A_duplicated_field_is_a_column_and_follows_the_document()
    {
        var store = NewStore(options => options.Schema.For<Appointment>().Duplicate(a => a.DueAt).Duplicate(a => a.Route));
        var due = new DateTimeOffset(2026, 5, 4, 9, 30, 0, TimeSpan.FromHours(3));
        await using var session = store.LightweightSession();
        session.Store(new Appointment(Guid.NewGuid(), due, Route.HybridTeam, "Oulu"), new Appointment(Guid.NewGuid(), due.AddDays(1), Route.BasicSupport, "Kemi"));
        await session.SaveChangesAsync();

        var found = await session.QueryAsync<Appointment>("where d.due_at <= ? and d.route = ?", due.ToUniversalTime(), "HybridTeam");
        Assert.That(found.Single().Place, Is.EqualTo("Oulu"));
    }

    [Test]
    public async Task A_unique_index_refuses_a_second_document_with_the_same_value()
    {
        var store = NewStore(options => options.Schema.For<Person>().UniqueIndex(p => p.Name));
        await using var session = store.LightweightSession();
        session.Store(new Person { Id = Guid.NewGuid(), Name = "only one" });
        await session.SaveChangesAsync();
        await using var second = store.LightweightSession();
        second.Store(new Person { Id = Guid.NewGuid(), Name = "only one" });
        Assert.That(
            async () => await second.SaveChangesAsync(),
            Throws.InstanceOf<Exception>().With.InnerException.InstanceOf<PostgresException>());
    }

    private async Task SaveAsync(Action<Marten.IDocumentSession> write)
    {
        await using var session = Store.LightweightSession();
        write(session);
        await session.SaveChangesAsync();
    }
}
