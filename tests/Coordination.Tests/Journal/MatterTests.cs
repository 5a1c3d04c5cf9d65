using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;
using OtPlatform.Coordination.Journal;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Journal;

/// <summary>What the journal makes of a consultation's events.</summary>
[TestFixture]
internal sealed class MatterTests
{
    private static readonly Guid Id = Guid.Parse("019ab000-0000-7000-8000-000000000001");

    private static IEnumerable<Type> ContractEvents => Topology.Subscriptions.Where(subscription => ContractEvent.Queues.Contains(subscription.Queue)).SelectMany(subscription => subscription.Messages);

    [Test]
    public void A_working_team_is_seen_with_those_who_were_asked()
    {
        var matter = Matter.Of(Happenings.ToAWorkingTeam(Id).All.Select(told => told.Entry()));
        var entry = matter.QueueEntry!;
        var team = matter.Timeline(Id).Team;
        Assert.Multiple(() =>
        {
            Assert.That(entry.Status, Is.EqualTo(ConsultationStatus.TeamWorking));
            Assert.That(entry.Responsible, Is.EqualTo(Accountable.ResponsibleWorker));
            Assert.That(entry.DueBy, Is.EqualTo(Happenings.Start.AddMinutes(14).AddDays(80)));
            Assert.That(entry.RecommendedRoute, Is.EqualTo(Route.HybridTeam));
            Assert.That(entry.Route, Is.EqualTo(Route.HybridTeam));
            Assert.That(entry.Grounds, Is.EqualTo(new[] { Ground.Complexity }));
            Assert.That(entry.Bounces, Is.Zero);
            Assert.That(entry.Experts, Is.EqualTo(new[] { Happenings.Expert(1), Happenings.Expert(2) }));
            Assert.That(entry.OpenIn, Is.EqualTo("sisa"));
            Assert.That(team.Invitations.Select(invitation => (invitation.ExpertId, invitation.Status, invitation.ReasonCode)), Is.EqualTo(new[]
            {
                (Happenings.Expert(1), InvitationStatus.Declined, "noTime"),
                (Happenings.Expert(2), InvitationStatus.Accepted, (string?)null),
            }));
            Assert.That(team.Members.Select(member => member.Role), Is.EqualTo(new[] { "responsibleWorker", "expert" }));
            Assert.That(team.NetworkCoordinator, Is.True);
        });
    }

    [TestCase("requester", "coordinator")]
    [TestCase("coordinator", "requester")]
    [TestCase("expert", "requester")]
    public void Who_has_written_a_message_is_seen_on_the_timeline_and_in_words(string from, string to)
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Intake(at => new MessageSent(Id, Guid.NewGuid(), from, to, at));
        var step = Matter.Of(told.All.Select(known => known.Entry())).Timeline(Id).Steps[^1];
        Assert.That((step.What, step.Detail), Is.EqualTo((nameof(MessageSent), $"messageFrom:{from}")));
        Assert.That(new Coordination.Console.ConsoleTexts(Repository.Catalogue).In("sv").Has(step.Detail!.Replace(':', '.')), Is.True);
    }

    [Test]
    public void A_requesters_message_is_work_with_a_date_until_somebody_answers()
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Intake(at => new ConsultationStatusChanged(Id, ConsultationStatus.InTriage, Accountable.AreaCoordinators, at.AddDays(9), at));
        var before = Queued();
        told.Intake(at => new MessageSent(Id, Guid.NewGuid(), "requester", "areaCoordinators", at, at.AddDays(2)));
        var first = Queued();
        told.Intake(at => new MessageSent(Id, Guid.NewGuid(), "requester", "team", at, at.AddDays(3)));
        var second = Queued();
        told.Intake(at => new MessageOverdue(Id, Guid.NewGuid(), "coordinatingTeam", at, at.AddDays(4)));
        var overdue = Queued();
        told.Intake(at => new MessageSent(Id, Guid.NewGuid(), "coordinator", "requester", at));
        var answered = Queued();
        Assert.Multiple(() =>
        {
            Assert.That((before.MessageTo, before.AnswerMessageBy), Is.EqualTo(((string?)null, (DateTimeOffset?)null)));
            Assert.That((first.MessageTo, first.DueBy), Is.EqualTo(("areaCoordinators", before.DueBy)));
            Assert.That(first.AnswerMessageBy < first.DueBy, Is.True);
            Assert.That(string.CompareOrdinal(first.SortKey, before.SortKey), Is.Negative, "What has to be answered sooner is worked sooner.");
            Assert.That((second.MessageTo, second.AnswerMessageBy), Is.EqualTo((first.MessageTo, first.AnswerMessageBy)), "The first one has waited longest.");
            Assert.That((overdue.MessageTo, overdue.AnswerMessageBy > second.AnswerMessageBy), Is.EqualTo(("coordinatingTeam", true)));
            Assert.That((answered.MessageTo, answered.SortKey), Is.EqualTo(((string?)null, before.SortKey)));
        });

        told.Intake(at => new MessageSent(Id, Guid.NewGuid(), "requester", "areaCoordinators", at, at.AddDays(2)));
        told.Intake(at => new ConsultationWithdrawn(Id, at));
        Assert.That(Queued().MessageTo, Is.Null);

        QueueEntry Queued() => Matter.Of(told.All.Select(known => known.Entry())).QueueEntry!;
    }

    [Test]
    public void Every_order_of_arrival_ends_the_same()
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Intake(at => new ConsultationStatusChanged(Id, ConsultationStatus.InTriage, Accountable.AreaCoordinators, at.AddDays(2), at));
        told.Triage(at => new CaseAssessed(Id, Id, Route.ExpertConsultation, [Ground.Rarity], "rarity-only", false, "default.1", at));
        told.Triage(at => Happenings.Decided(told, at, Route.ExpertConsultation));
        told.Team(at => Happenings.Invited(told, 1, at));
        told.Team(at => new InvitationDeclined(told.InvitationOf(1), Id, Id, "sisa", Happenings.Expert(1), "noTime", at));
        told.Intake(at => new ConsultationWithdrawn(Id, at));
        var entries = told.All.Select(step => step.Entry()).ToList();
        var outcomes = Permutations(entries).Select(order => Shown(Matter.Of(order))).Distinct().ToList();
        Assert.Multiple(() =>
        {
            Assert.That(outcomes, Has.Count.EqualTo(1));
            Assert.That(Matter.Of(entries).QueueEntry!.Status, Is.EqualTo(ConsultationStatus.Withdrawn));
        });
    }

    [Test]
    public void No_two_sources_say_the_same_thing_so_their_order_among_each_other_changes_nothing()
    {
        var told = Happenings.ToAWorkingTeam(Id).All;
        string[] sources = ["intake", "triage", "team-assembly", "expert-pool"];
        var outcomes = Permutations([0, 1, 2, 3])
            .Select(order => Matter.Of(told.Select(step => step.Entry($"{order[Array.IndexOf(sources, step.Source)]}"))))
            .Select(matter => JsonSerializer.Serialize(new { matter.QueueEntry, matter.Timeline(Id).Team, Steps = matter.Timeline(Id).Steps.Select(step => step.What) }))
            .Distinct();
        Assert.That(outcomes.Count(), Is.EqualTo(1));
    }

    [Test]
    public void Nothing_is_in_the_queue_before_the_submission_is_known()
    {
        var told = Happenings.ToAWorkingTeam(Id).All;
        var without = Matter.Of(told.Where(step => step.Message is not ConsultationSubmitted).Select(step => step.Entry()));
        Assert.Multiple(() =>
        {
            Assert.That(without.QueueEntry, Is.Null);
            Assert.That(without.Timeline(Id).Steps, Has.Count.EqualTo(told.Count - 1));
        });
    }

    [Test]
    public void Danger_that_overtakes_its_submission_puts_it_into_the_queue_and_the_submission_later_changes_nothing()
    {
        var told = new Happenings(Id);
        told.Submitted(danger: true);
        told.Intake(at => new ImmediateDangerReported(Id, at, (ConsultationSubmitted)told.All[0].Message));
        var alone = Matter.Of([told.All[1].Entry()]).QueueEntry;
        var both = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry;
        Assert.Multiple(() =>
        {
            Assert.That(alone!.ImmediateDanger, Is.True);
            Assert.That(JsonSerializer.Serialize(both), Is.EqualTo(JsonSerializer.Serialize(alone)));
        });
    }

    [Test]
    public void R3_a_return_and_an_objection_are_counted_and_the_route_is_open_again()
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Triage(at => Happenings.Decided(told, at, Route.SpecialLevel));
        told.Triage(at => new ReferralProposed(Id, Id, "sisa", "hospital-1", "coordinator-sisa", at, at.AddDays(3)));
        var proposed = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        told.Triage(at => new ReferralReturned(Id, Id, "sisa", "hospital-1", "notOurs", 1, at, at.AddDays(1)));
        var returned = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        told.Triage(at => Happenings.Decided(told, at, Route.ExpertConsultation));
        told.Intake(at => new AnswerObjected(Id, null, at));
        told.Triage(at => new CaseReassessed(Id, Id, "sisa", false, "default.1", at, at.AddDays(1)));
        var objected = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        Assert.Multiple(() =>
        {
            Assert.That((proposed.Route, proposed.Receiver, proposed.Bounces), Is.EqualTo(((Route?)Route.SpecialLevel, "hospital-1", 0)));
            Assert.That((returned.Route, returned.Receiver, returned.Bounces), Is.EqualTo(((Route?)null, (string?)null, 1)));
            Assert.That((objected.Route, objected.Status, objected.Bounces), Is.EqualTo(((Route?)null, ConsultationStatus.InTriage, 2)));
        });
    }

    [Test]
    public void C33_who_was_asked_to_assess_the_matter_what_they_added_and_why_it_ended_stands_in_the_timeline()
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Triage(at => new CaseOpened(Id, Id, "sisa", false, "default.1", at, at.AddDays(2)));
        var (expert, invitation) = (Happenings.Expert(1), told.InvitationOf(1));
        told.Triage(at => new AssessorInvited(Id, Id, "sisa", expert, invitation, "specialKnowledge", at, at.AddDays(3)));
        told.Triage(at => new AssessmentContributed(Id, Id, "sisa", expert, invitation, ["diverse", "unclear"], null, at));
        told.Triage(at => new AssessorReleased(Id, Id, "sisa", expert, invitation, "routeDecided", at));
        var matter = Matter.Of(told.All.Select(step => step.Entry()));
        Assert.Multiple(() =>
        {
            Assert.That(
                matter.Timeline(Id).Steps.TakeLast(3).Select(step => (step.What, step.Detail, step.ExpertId)),
                Is.EqualTo(new[] { ("AssessorInvited", "assessorReason:specialKnowledge", (Guid?)expert), ("AssessmentContributed", "marks:diverse,unclear", expert), ("AssessorReleased", "assessorReleased:routeDecided", expert) }));
            Assert.That(matter.QueueEntry!.Experts, Is.Empty, "The team is another matter.");
        });
    }

    [Test]
    public void C33_an_expert_is_asked_to_assess_until_their_time_the_request_or_its_consent_is_over()
    {
        var told = new Happenings(Id);
        told.Submitted();
        var (first, second) = (Happenings.Expert(1), Happenings.Expert(2));
        told.Triage(at => new AssessorInvited(Id, Id, "sisa", first, told.InvitationOf(1), "specialKnowledge", at, at.AddDays(3)));
        told.Triage(at => new AssessorInvited(Id, Id, "sisa", second, told.InvitationOf(2), "other", at, at.AddDays(5)));
        var both = Entry(told);
        told.Triage(at => new AssessorReleased(Id, Id, "sisa", second, told.InvitationOf(2), "noAnswer", at));
        var one = Entry(told);
        told.Intake(at => new ConsentEnded(Id, "withdrawn", WorkEnds: true, at));
        var none = Entry(told);
        told.Triage(at => new AssessorInvited(Id, Id, "sisa", first, told.InvitationOf(3), "clientsWish", at, at.AddDays(2)));
        var again = Entry(told);
        told.Intake(at => new ConsultationWithdrawn(Id, at));
        var over = Entry(told);
        Assert.Multiple(() =>
        {
            Assert.That(both.Assessors!.Select(asked => (asked.ExpertId, asked.ReasonCode)), Is.EqualTo(new[] { (first, "specialKnowledge"), (second, "other") }));
            Assert.That(both.AssessedUntil, Is.EqualTo(both.Assessors![1].DueBy));
            Assert.That((one.Assessors!.Count, none.Assessors!.Count, none.AssessedUntil), Is.EqualTo((1, 0, (DateTimeOffset?)null)));
            Assert.That(again.Assessors!.Single().ReasonCode, Is.EqualTo("clientsWish"));
            Assert.That(again.IsAssessedBy(first, again.AssessedUntil!.Value.AddTicks(-1)), Is.True);
            Assert.That(again.IsAssessedBy(first, again.AssessedUntil!.Value), Is.False);
            Assert.That((over.Assessors!.Count, over.AssessedUntil), Is.EqualTo((0, (DateTimeOffset?)null)));
            Assert.That(over.AskedToAssess, Is.EqualTo(new[] { first, second }), "Their pages hear of the end.");
        });

        static QueueEntry Entry(Happenings told) => Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
    }

    [Test]
    public void What_was_written_before_assessors_were_noted_is_read()
    {
        var written = JsonSerializer.SerializeToNode(Matter.Of(Happenings.ToAWorkingTeam(Id).All.Select(step => step.Entry())).QueueEntry!)!.AsObject();
        foreach (var later in new[] { nameof(QueueEntry.Assessors), nameof(QueueEntry.AskedToAssess), nameof(QueueEntry.AssessedUntil) })
        {
            Assert.That(written.Remove(later), Is.True);
        }

        var read = JsonSerializer.Deserialize<QueueEntry>(written)!;
        Assert.That((read.IsAssessedBy(Happenings.Expert(2), Happenings.Start), read.HasAsked(Happenings.Expert(2)), read.HasAsked(Happenings.Expert(3))), Is.EqualTo((false, true, false)));
    }

    [Test]
    public void C35_with_an_accepted_transfer_the_case_is_in_the_other_areas_queue_and_each_answer_counts()
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Triage(at => new TransferProposed(Id, Id, "sisa", "lansi", "otherArea", false, at, at.AddDays(3)));
        var proposed = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        told.Triage(at => new TransferReturned(Id, Id, "sisa", "lansi", "noCapacity", 1, at, at.AddDays(1)));
        told.Triage(at => new TransferAccepted(Id, Id, "sisa", "ita", 2, at, at.AddDays(1)));
        var accepted = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        Assert.Multiple(() =>
        {
            Assert.That((proposed.Area, proposed.OpenIn, proposed.Bounces), Is.EqualTo(("sisa", "sisa", 0)));
            Assert.That((accepted.Area, accepted.OpenIn, accepted.Bounces), Is.EqualTo(("ita", "ita", 2)));
        });
    }

    [Test]
    public void The_expert_of_a_single_consultation_answers_once()
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Team(at => new ConsultationArranged(Id, Id, "sisa", new TeamMember(Happenings.Expert(3), "consultant", null, null, null, null, [], default, default), at, at.AddDays(7)));
        var arranged = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        told.Team(at => new ConsultationAnswered(Id, Id, "sisa", Guid.Parse("019ab000-0000-7000-8000-00000000bbbb"), [], "expert", at));
        var answered = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        Assert.Multiple(() =>
        {
            Assert.That(arranged.AnsweringExpert, Is.EqualTo(Happenings.Expert(3)));
            Assert.That(answered.AnsweringExpert, Is.Null);
        });
    }

    [TestCase(ConsultationStatus.Withdrawn)]
    [TestCase(ConsultationStatus.Closed)]
    public void What_is_over_is_out_of_the_open_queue(ConsultationStatus status)
    {
        var told = new Happenings(Id);
        told.Submitted();
        told.Intake(at => new ConsultationStatusChanged(Id, status, null, null, at));
        var entry = Matter.Of(told.All.Select(step => step.Entry())).QueueEntry!;
        Assert.Multiple(() =>
        {
            Assert.That(entry.Status, Is.EqualTo(status));
            Assert.That(entry.OpenIn, Is.Null);
        });
    }

    [Test]
    public void The_queue_is_worked_danger_first_then_urgency_then_due_time()
    {
        var soon = Happenings.Start;
        var later = soon.AddSeconds(1);
        string[] keys =
        [
            QueueEntry.SortKeyOf(true, Urgency.Routine, later, Id),
            QueueEntry.SortKeyOf(false, Urgency.Urgent, later, Id),
            QueueEntry.SortKeyOf(false, Urgency.Soon, later, Id),
            QueueEntry.SortKeyOf(false, Urgency.Routine, soon, Id),
            QueueEntry.SortKeyOf(false, Urgency.Routine, later, Id),
            QueueEntry.SortKeyOf(false, Urgency.Routine, null, Id),
        ];
        Assert.Multiple(() =>
        {
            Assert.That(keys, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
            Assert.That(keys.Select(key => key.Length).Distinct().Count(), Is.EqualTo(1));
        });
    }

    [TestCaseSource(nameof(ContractEvents))]
    public void Every_contract_event_can_be_written_down_and_read_back(Type type)
    {
        var message = Examples.Of(type);
        var entry = new Happenings.Told("any", Id, 1, message).Entry();
        Assert.Multiple(() =>
        {
            Assert.That(JsonSerializer.Serialize(ContractEvent.Of(entry), type), Is.EqualTo(JsonSerializer.Serialize(message, type)));
            Assert.That(entry.ConsultationId is null, Is.EqualTo(type.GetProperty("ConsultationId") is null && type.GetProperty("AssemblyId") is null));
        });
    }

    private static string Shown(Matter matter) => JsonSerializer.Serialize(new { matter.QueueEntry, Timeline = matter.Timeline(Id) });

    private static IEnumerable<IReadOnlyList<T>> Permutations<T>(IReadOnlyList<T> items) =>
        items.Count <= 1
            ? [items]
            : items.SelectMany((item, index) => Permutations<T>([.. items.Where((_, other) => other != index)]).Select(rest => (IReadOnlyList<T>)[item, .. rest]));
}
