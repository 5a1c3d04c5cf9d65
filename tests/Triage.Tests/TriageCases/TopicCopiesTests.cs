using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>A topic that is defined while the platform runs counts in the policy table as a shipped one does, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class TopicCopiesTests
{
    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-0000000000f2");
    private static readonly Topic Gaming = new("gaming.problem", "multidisciplinary", false, "any", [], ["health"], Urgency.Routine, "Pelaaminen", "Spelande", "Gaming", new DateOnly(2026, 1, 1));

    [Test]
    public async Task A_matter_of_a_defined_topic_is_weighed_by_its_class_and_level_also_when_it_is_described_anew_or_retired()
    {
        await using var triage = await ServiceHost<Program>.Start("triage_topics");
        using var channel = triage.OpenChannel();
        var cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(channel);
        var coordinator = await triage.TokenOf("coordinator-sisa");
        var policies = triage.Services.GetRequiredService<AreaPolicies>();
        var catalogue = triage.Services.GetRequiredService<Catalogue>();
        var space = policies.Of("sisa").Space;
        Assert.That(policies.Of("sisa").Space, Is.SameAs(space), "Made once while no topic changes.");

        await Tell(new TopicDefined(Id, Gaming, DateTimeOffset.UtcNow), Id);
        await Eventually.Holds(() => Assert.That(catalogue.Topics.Select(topic => topic.Code), Does.Contain(Gaming.Code)));
        Assert.That(policies.Of("sisa").Space, Is.Not.SameAs(space));
        var ordinary = await Opened();
        await Tell(new TopicDefined(Id, Gaming with { Level = "special" }, DateTimeOffset.UtcNow), Id);
        await Eventually.Holds(() => Assert.That(catalogue.Topics.Single(topic => topic.Code == Gaming.Code).Level, Is.EqualTo("special")));
        var special = await Opened();
        await Tell(new TopicRetired(Id, Gaming.Code, new DateOnly(2026, 1, 2), DateTimeOffset.UtcNow), Id);
        await Eventually.Holds(() => Assert.That(catalogue.Topics.Single(topic => topic.Code == Gaming.Code).ValidUntil, Is.EqualTo(new DateOnly(2026, 1, 2))));
        var retired = await Opened();
        Assert.Multiple(() =>
        {
            Assert.That(ordinary.RecommendedRoute, Is.EqualTo("expertConsultation"));
            Assert.That(special.RecommendedRoute, Is.EqualTo("specialLevel"));
            Assert.That(retired.RecommendedRoute, Is.EqualTo("specialLevel"), "A request that was under way is weighed as before.");
        });

        async Task<TriageCase> Opened()
        {
            var id = Guid.CreateVersion7();
            await Tell(
                new ConsultationSubmitted(
                    id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", "Tampere", "fi", "13-15", [Gaming.Code], [], ["school"], [],
                    "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>()),
                id);
            await Eventually.Holds(async () => Assert.That((await cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, coordinator)).RecommendedRoute, Is.Not.Empty));
            return await cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, coordinator);
        }

        Task Tell<T>(T message, Guid stream)
            where T : class => triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-stream-id", stream.ToString());
        });
    }
}
