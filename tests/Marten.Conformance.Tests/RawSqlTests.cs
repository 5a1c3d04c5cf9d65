using Marten.Exceptions;
using Npgsql;

namespace OtPlatform.StoreConformance;

public sealed class RawSqlTests : StoreFixture
{
    [SetUp]
    public async Task StorePeople()
    {
        await using var session = Store.LightweightSession();
        session.Store(Enumerable.Range(1, 5).Select(age => new Person { Id = Guid.NewGuid(), Name = $"p{age}", Age = age }));
        await session.SaveChangesAsync();
    }

    [Test]
    public async Task A_where_clause_is_enough_for_documents()
    {
        await using var session = Store.QuerySession();
        var found = await session.QueryAsync<Person>("where (data ->> 'age')::int > ? order by data ->> 'name' limit ?", 2, 2);
        Assert.That(found.Select(p => p.Name), Is.EqualTo(new[] { "p3", "p4" }));
    }

    [Test]
    public async Task The_table_is_called_d()
    {
        await using var session = Store.QuerySession();
        Assert.That(await session.QueryAsync<Person>("where d.data ->> 'name' = ?", "p1"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_whole_select_gives_scalars()
    {
        await using var session = Store.QuerySession();
        var counts = await session.QueryAsync<long>($"select count(*) from {Schema}.mt_doc_person where (data ->> 'age')::int >= ?", 3);
        Assert.That(counts.Single(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_whole_select_gives_documents_by_their_data()
    {
        await using var session = Store.QuerySession();
        var found = await session.QueryAsync<Person>($"select data from {Schema}.mt_doc_person where data ->> 'name' = ?", "p2");
        Assert.That(found.Single().Age, Is.EqualTo(2));
    }

    [Test]
    public async Task An_array_is_a_parameter_like_any_other()
    {
        await using var session = Store.QuerySession();
        var names = new[] { "p1", "p5" };
        var found = await session.QueryAsync<Person>("where data ->> 'name' = any(?)", CancellationToken.None, (object)names);
        Assert.That(found, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Another_placeholder_leaves_the_question_mark_to_json()
    {
        await using var session = Store.QuerySession();
        Assert.That(await session.QueryAsync<Person>('^', "where data ? 'name' and (data ->> 'age')::int = ^", 4), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Rows_that_another_session_has_locked_are_skipped()
    {
        await using var first = Store.LightweightSession();
        await first.BeginTransactionAsync(CancellationToken.None);
        var taken = await first.QueryAsync<Person>("order by data ->> 'name' limit 2 for update skip locked");
        await using var second = Store.LightweightSession();
        await second.BeginTransactionAsync(CancellationToken.None);
        var left = await second.QueryAsync<Person>("order by data ->> 'name' for update skip locked");

        Assert.That(taken.Select(p => p.Name), Is.EqualTo(new[] { "p1", "p2" }));
        Assert.That(left.Select(p => p.Name), Is.EqualTo(new[] { "p3", "p4", "p5" }));
    }

    [Test]
    public async Task Advanced_sql_gives_scalars_and_documents()
    {
        await using var session = Store.LightweightSession();
        var scalars = await session.AdvancedSql.QueryAsync<string>($"select data ->> 'name' from {Schema}.mt_doc_person order by 1 limit ?", CancellationToken.None, 1);
        Assert.That(scalars, Is.EqualTo(new[] { "p1" }));
        var tuples = await session.AdvancedSql.QueryAsync<string, long>(
            $"select row(data ->> 'name'), row(count(*) over()) from {Schema}.mt_doc_person order by data ->> 'name' limit 1",
            CancellationToken.None);
        Assert.That(tuples.Single(), Is.EqualTo(("p1", 5L)));
    }

    [Test]
    public async Task Advanced_sql_gives_json_that_is_no_document()
    {
        await using var session = Store.LightweightSession();
        var rows = await session.AdvancedSql.QueryAsync<NoteAdded, int>("select row(json_build_object('number', 3)), row(?::int)", CancellationToken.None, 7);
        Assert.That(rows.Single(), Is.EqualTo((new NoteAdded(3), 7)));
    }

    [Test]
    public async Task A_queued_command_runs_in_the_transaction_of_the_save()
    {
        await ExecuteAsync($"create table {Schema}.seen (id uuid primary key)");
        var id = Guid.NewGuid();
        await using (var session = Store.LightweightSession())
        {
            session.QueueSqlCommand($"insert into {Schema}.seen values (?)", id);
            session.Events.StartStream(id, new NoteAdded(1));
            await session.SaveChangesAsync();
        }

        await using var again = Store.LightweightSession();
        again.Events.Append(id, new NoteAdded(2));
        again.QueueSqlCommand($"insert into {Schema}.seen values (?)", id);
        Assert.That(
            async () => await again.SaveChangesAsync(),
            Throws.InstanceOf<MartenCommandException>().With.InnerException.InstanceOf<PostgresException>());
        Assert.That((await again.Events.FetchStreamStateAsync(id))!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task A_query_that_the_database_refuses_says_why()
    {
        await using var session = Store.QuerySession();
        Assert.That(
            async () => await session.QueryAsync<int>("select no_such_column from pg_class"),
            Throws.InstanceOf<MartenCommandException>().With.InnerException.With.Property(nameof(PostgresException.SqlState)).EqualTo("42703"));
    }
}
