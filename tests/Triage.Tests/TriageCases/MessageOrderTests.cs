using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>One consumer of one message at a time: an addition that is overtaken by a later one would count for nothing.</summary>
[TestFixture]
internal sealed class MessageOrderTests
{
    private const int Additions = 60;

    private static readonly DateTimeOffset SubmittedAt = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    private ServiceHost<Program> _triage = null!;

    [OneTimeSetUp]
    public async Task Start() => _triage = await ServiceHost<Program>.Start("triage_order");

    [OneTimeTearDown]
    public async Task Stop() => await _triage.DisposeAsync();

    [Test]
    public async Task R10_many_messages_about_one_case_are_taken_in_their_order()
    {
        var id = Guid.CreateVersion7();
        await Publish(
            id,
            new ConsultationSubmitted(
                id, "OT-TEST-0001", SubmittedAt, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15", ["substance.child-or-youth"], [], [], [],
                "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, [], "consent", null, null, null, new Dictionary<string, Guid>()));
        for (var addition = 1; addition <= Additions; addition++)
        {
            await Publish(id, new InformationAdded(id, SubmittedAt.AddMinutes(addition), 1 + addition, null, null, null, false, null, null, new Dictionary<string, Guid>()));
        }

        await using var store = NpgsqlDataSource.Create(_triage.StoreConnectionString);
        await using var done = store.CreateCommand("select count(*) from ot.mt_doc_inboxentry");
        await Eventually.Holds(async () => Assert.That(await done.ExecuteScalarAsync(), Is.EqualTo((long)Additions + 1)), TimeSpan.FromSeconds(60));
        await using var counts = store.CreateCommand("select array_agg((data->'request'->>'triedCount')::int order by version) from ot.mt_events where stream_id = $1 and type = 'information_received'");
        counts.Parameters.AddWithValue(id);
        Assert.That(await counts.ExecuteScalarAsync(), Is.EqualTo(Enumerable.Range(2, Additions)));
    }

    private Task Publish<T>(Guid stream, T message)
        where T : class =>
        _triage.Services.GetRequiredService<IBus>().Publish(message, context => context.Headers.Set("ot-stream-id", stream.ToString()));
}
