using System.Text.Json;
using System.Text.Json.Serialization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Triage.TriageCases;
using static OtPlatform.Triage.Tests.TriageCases.Cases;
using Wire = OtPlatform.Contracts.Triage;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>What the others hear of a case.</summary>
[TestFixture]
internal sealed class PublishedTests
{
    private static readonly CaseRequest Known = Complex with
    {
        Sector = "social",
        RequestingUnitId = Guid.Parse("00000000-0000-0000-0000-0000000000d1"),
        RequesterRole = "family-worker",
        ResponsibleWorkerRole = "own-worker",
        ResponsibleWorkerRef = "w-1",
        LegalBasisValidUntil = new DateOnly(2027, 5, 31),
    };

    [Test]
    public void A_decided_route_tells_the_matters_facts()
    {
        var decided = DecideRoute.Decide(TriageCase.Aggregate.Fold(Opened(Known)), new(Route.HybridTeam, null, false, Policy, "coordinator-sisa", Now)).Events[0];
        Assert.That(
            ((Wire.RouteDecided)Published.Map(decided)!).Matter,
            Is.EqualTo(new Wire.MatterFacts(
                ConsultationKind.ClientWork, "pirkanmaa", "fi", Urgency.Routine, Known.RequestingUnitId!.Value, "family-worker", "own-worker", "w-1", "consent", Known.LegalBasisValidUntil)));
    }

    [Test]
    public void An_assessment_is_told_with_its_recommendation_and_grounds()
    {
        var told = Opened(Known).Select(Published.Map).OfType<Wire.CaseAssessed>().Single();
        Assert.That((told.RecommendedRoute, told.Grounds.Single(), told.DecidingRow, told.Held), Is.EqualTo(((Route?)Route.HybridTeam, Ground.Complexity, "complexity", false)));
    }

    [Test]
    public void A_case_that_was_stored_before_the_facts_were_kept_is_still_read()
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
        StoreExtensions.ConfigureJson(json);
        var stored = JsonSerializer.SerializeToNode(Opened(Known).OfType<CaseOpened>().Single(), json)!.AsObject();
        foreach (var later in new[] { "sector", "requestingUnitId", "requesterRole", "responsibleWorkerRole", "responsibleWorkerRef", "legalBasisValidUntil" })
        {
            Assert.That(stored["request"]!.AsObject().Remove(later), Is.True, later);
        }

        var read = stored.Deserialize<CaseOpened>(json)!;
        Assert.That((read.Request.RequestingUnitId, read.Request.County), Is.EqualTo(((Guid?)null, "pirkanmaa")));
    }

    [Test]
    public void A_queue_entry_that_was_stored_before_referrals_is_still_read()
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
        StoreExtensions.ConfigureJson(json);
        var stored = JsonSerializer.SerializeToNode(RoutingQueueEntry.Fold(Opened(Known), 2), json)!.AsObject();
        foreach (var later in new[] { "referral", "bounces", "mayBeDecided", "waitsForCoordinator", "notStaffed", "assessedAt" })
        {
            Assert.That(stored.Remove(later), Is.True, later);
        }

        Assert.That(stored.Deserialize<RoutingQueueEntry>(json)!.Bounces, Is.Zero);
    }

    [Test]
    public void What_only_triage_needs_to_know_stays_private()
    {
        TriageEvent[] own = [new RouteNotStaffed(CaseId, "serviceGap", Now, Now), new RouteStaffed(CaseId, Now), new ReferralOverdue(CaseId, "unit", Now, Now), new CaseReopened(CaseId, "sisa", null, Now, Now)];
        Assert.That(own.Select(Published.Map), Has.All.Null);
    }
}
