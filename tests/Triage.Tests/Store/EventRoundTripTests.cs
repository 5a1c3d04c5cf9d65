using Marten;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Testing;
using OtPlatform.Triage.PolicyVersions;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.Store;

[TestFixture]
internal sealed class EventRoundTripTests
{
    private ServiceHost<Program> _host = null!;

    private static IEnumerable<Type> EventTypes => [.. EventRoundTrip.EventTypes(typeof(TriageEvent)), .. EventRoundTrip.EventTypes(typeof(PolicyEvent))];

    [OneTimeSetUp]
    public async Task Start() => _host = await ServiceHost<Program>.Start("round_trip");

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [TestCaseSource(nameof(EventTypes))]
    public Task An_event_comes_back_from_the_store_as_it_was(Type type) =>
        EventRoundTrip.ComesBackAsItWas(_host.Services.GetRequiredService<IDocumentStore>(), type);
}
