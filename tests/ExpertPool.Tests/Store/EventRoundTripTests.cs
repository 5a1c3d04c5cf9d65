using Marten;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.ExpertPool.Topics;
using OtPlatform.Testing;

namespace OtPlatform.ExpertPool.Tests.Store;

[TestFixture]
internal sealed class EventRoundTripTests
{
    private ServiceHost<Program> _host = null!;

    private static IEnumerable<Type> EventTypes => EventRoundTrip.EventTypes(typeof(ExpertEvent)).Concat(EventRoundTrip.EventTypes(typeof(KnowledgeHolderEvent))).Concat(EventRoundTrip.EventTypes(typeof(StandingTeamEvent))).Concat(EventRoundTrip.EventTypes(typeof(TopicEvent)));

    [OneTimeSetUp]
    public async Task Start() => _host = await ServiceHost<Program>.Start("expert_round_trip");

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [TestCaseSource(nameof(EventTypes))]
    public Task An_event_comes_back_from_the_store_as_it_was(Type type) =>
        EventRoundTrip.ComesBackAsItWas(_host.Services.GetRequiredService<IDocumentStore>(), type);
}
