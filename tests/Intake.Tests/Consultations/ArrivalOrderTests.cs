using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Platform.Streams;
using static OtPlatform.Intake.Tests.Consultations.Requests;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>
/// Triage and the assembly speak over two queues. Each keeps its own order, but between them anything may come first:
/// every order in which the messages of a story can arrive ends where the story ends.
/// </summary>
[TestFixture]
internal sealed class ArrivalOrderTests
{
    private static readonly DateTimeOffset First = Now.AddHours(1);
    private static readonly DateTimeOffset Again = Now.AddHours(3);
    private static readonly DateTimeOffset Second = Now.AddHours(4);

    private static readonly Guid AssessorInvitation = Guid.Parse("00000000-0000-0000-0000-0000000000a9");
    private static readonly Message Opened = Triage("opened", state => TakeOverOnCaseOpened.Decide(state, new(Id, false, Now.AddMinutes(1), Step(2))));
    private static readonly Message Asking = Triage("asked", state => AskRequesterOnInformationRequested.Decide(state, new(Id, ["triedSoFar"], Now.AddMinutes(1), Step(3))));
    private static readonly Message Weighed = Triage("weighed again", state => ResumeOnCaseReassessed.Decide(state, new(Id, false, Now.AddMinutes(2), Step(4))));
    private static readonly Message Reopened = Triage("reopened", state => ResumeOnCaseReassessed.Decide(state, new(Id, false, Again, Step(21))));
    private static readonly Message Propose = Triage("referral proposed", state => FollowReferralOnReferralProposed.Decide(state, new(Proposed with { ProposedAt = Second.AddMinutes(1) })));
    private static readonly Message Accept = Triage("referral accepted", state => FollowReferralOnReferralAccepted.Decide(state, new(Accepted with { AcceptedAt = Second.AddMinutes(2) })));
    private static readonly Message EarlyPropose = Triage("first referral proposed", state => FollowReferralOnReferralProposed.Decide(state, new(Proposed with { ProposedAt = First.AddMinutes(1) })));
    private static readonly Message Return = Triage("referral returned", state => FollowReferralOnReferralReturned.Decide(state, new(Returned with { ReturnedAt = Again })));
    private static readonly Message Invite = Assembly("invited", state => AdmitExpertOnExpertInvited.Decide(state, new(Id, OtherExpertId, InvitationId, LastDay, First.AddMinutes(1))));
    private static readonly Message Assess = Triage("asked to assess", state => AdmitExpertOnExpertInvited.Decide(state, new(Id, OtherExpertId, AssessorInvitation, LastDay, Second.AddMinutes(2), Assesses: true)));
    private static readonly Message Release = Triage("released", state => EndAccess.Decide(state, new(Id, AssessorInvitation, Second.AddMinutes(3))));
    private static readonly Message Decline = Assembly("declined", state => EndAccess.Decide(state, new(Id, InvitationId, First.AddMinutes(2))));
    private static readonly Message Cancel = Assembly("cancelled", state => EndAccess.Decide(state, new(Id, null, Second.AddMinutes(1))));
    private static readonly Message Hand = Assembly("handed", state => ShowCoordinatorOnAssemblyHandedToCoordinator.Decide(state, new(Handed with { RouteDecidedAt = First })));
    private static readonly Message FindGap = Assembly("gap", state => ShowGapOnServiceGapFound.Decide(state, new(Gap with { RouteDecidedAt = First })));
    private static readonly Message Arrange = Assembly("arranged", state => ArrangeOnConsultationArranged.Decide(state, new(Arranged with { RouteDecidedAt = First })));
    private static readonly Message Answer = Assembly("answered", state => ShowAnswerOnConsultationAnswered.Decide(state, new(Answered with { RouteDecidedAt = First })));
    private static readonly Message StartFirst = Assembly("started", state => ShowTeamOnTeamActivated.Decide(state, new(Started with { RouteDecidedAt = First })));
    private static readonly Message EndFirst = Assembly("ended", state => ShowResultOnTeamDisbanded.Decide(state, new(Ended with { RouteDecidedAt = First })));
    private static readonly Message StartSecond = Assembly("started for the second route", state => ShowTeamOnTeamActivated.Decide(state, new(Started with { RouteDecidedAt = Second, Next = Step(30) })));
    private static readonly Message ArrangeSecond = Assembly("arranged for the second route", state => ArrangeOnConsultationArranged.Decide(state, new(Arranged with { RouteDecidedAt = Second, Next = Step(31) })));
    private static readonly Message Object = new("objected", "requester", state => ObjectToAnswer.Decide(state, new(Objected with { ObjectedAt = Now.AddHours(2) }, Step(20))));

    /// <summary>Each story in its true order; in brackets what can not come before what, beside the order of each source.</summary>
    private static IEnumerable<TestCaseData> Stories =>
    [
        Story("a team", [Opened, Decide(Route.HybridTeam), Invite, StartFirst]),
        Story("a team that ends", [Opened, Decide(Route.HybridTeam), Invite, Decline, StartFirst, EndFirst]),
        Story("a team composed by hand", [Opened, Decide(Route.HybridTeam), Invite, Decline, Hand]),
        Story("a team composed by hand that starts", [Opened, Decide(Route.HybridTeam), Hand, StartFirst]),
        Story("information first", [Opened, Asking, Weighed, Decide(Route.HybridTeam), Hand]),
        Story("a consultation that is answered", [Opened, Decide(Route.ExpertConsultation), Invite, Arrange, Answer]),
        Story("guidance", [Opened, Decide(Route.BasicSupportGuidance), Answer]),
        Story("a gap", [Opened, Decide(Route.HybridTeam), Invite, Decline, FindGap]),
        Story("a gap solved by another route", [Opened, Decide(Route.HybridTeam), FindGap, DecideAgain(Route.ExpertConsultation), ArrangeSecond]),
        Story("a gap solved by the same route", [Opened, Decide(Route.HybridTeam), FindGap, DecideAgain(Route.HybridTeam), StartSecond]),
        Story("a gap solved by a referral", [Opened, Decide(Route.HybridTeam), Invite, FindGap, DecideAgain(Route.SpecialLevel), Cancel, Propose, Accept]),
        Story("a gap that is still looked at after another decision", [Opened, Decide(Route.HybridTeam), FindGap, DecideAgain(Route.BasicSupportGuidance)]),
        Story("a gap that an expert is asked to assess", [Opened, Decide(Route.HybridTeam), Invite, Decline, FindGap, Assess]),
        Story("a search that ends while an expert is asked to assess", [Opened, Decide(Route.HybridTeam), Invite, Reopened, Cancel, Assess]),
        Story("an expert who was asked to assess a gap", [Opened, Decide(Route.HybridTeam), FindGap, Assess, Release]),
        Story("a referral returned and then a team", [Opened, Decide(Route.SpecialLevel), EarlyPropose, Return, DecideAgain(Route.HybridTeam), StartSecond]),
        Story(
            "an objection and then a team",
            [Opened, Decide(Route.ExpertConsultation), Arrange, Answer, Object, Reopened, DecideAgain(Route.HybridTeam), StartSecond],
            ("answered", "objected"), ("objected", "reopened"), ("objected", "started for the second route")),
        Story(
            "an objection that waits for a coordinator",
            [Opened, Decide(Route.ExpertConsultation), Arrange, Answer, Object, Reopened],
            ("answered", "objected"), ("objected", "reopened")),
    ];

    [TestCaseSource(nameof(Stories))]
    public void R10_in_whatever_order_the_messages_arrive_the_end_is_the_same(Message[] story, (string Before, string After)[] causes)
    {
        ArgumentNullException.ThrowIfNull(story);
        var end = Seen(story);
        var orders = Orders([.. story], causes).ToList();
        Assert.That(orders, Has.Count.GreaterThan(1));
        Assert.Multiple(() =>
        {
            foreach (var order in orders)
            {
                Assert.That(Seen(order), Is.EqualTo(end), string.Join(", ", order.Select(message => message.Name)));
            }
        });
    }

    [TestCaseSource(nameof(Stories))]
    public void R10_messages_that_come_twice_change_nothing(Message[] story, (string Before, string After)[] causes)
    {
        ArgumentNullException.ThrowIfNull(story);
        Assert.That(causes, Is.Not.Null);
        Assert.That(Seen(story.SelectMany(message => message.Source == "requester" ? [message] : new[] { message, message })), Is.EqualTo(Seen(story)));
    }

    private static TestCaseData Story(string name, Message[] messages, params (string Before, string After)[] causes) => new TestCaseData(messages, causes).SetArgDisplayNames(name);

    private static Message Triage(string name, Func<Consultation, Decision<ConsultationEvent>> decide) => new(name, "triage", decide);

    private static Message Assembly(string name, Func<Consultation, Decision<ConsultationEvent>> decide) => new(name, "assembly", decide);

    private static Message Decide(Route route) => Triage("decided", state => FollowRouteOnRouteDecided.Decide(state, new(Id, route, false, First, Step(6))));

    private static Message DecideAgain(Route route) => Triage("decided again", state => FollowRouteOnRouteDecided.Decide(state, new(Id, route, false, Second, Step(22))));

    /// <summary>What the requester sees at the end, and who may read; the steps on the way are left out.</summary>
    private static string Seen(IEnumerable<Message> messages)
    {
        var happened = new List<ConsultationEvent> { Submitted };
        foreach (var message in messages)
        {
            happened.AddRange(message.Decide(Consultation.Aggregate.Fold(happened)).Events);
        }

        return JsonSerializer.Serialize(RequestersView.Fold(happened, 0) with { Timeline = [] });
    }

    private static IEnumerable<Message[]> Orders(IReadOnlyList<Message> left, (string Before, string After)[] causes)
    {
        if (left.Count == 0)
        {
            yield return [];
        }

        var free = left.Where((message, at) => left.Take(at).All(earlier => earlier.Source != message.Source) && !causes.Any(cause => cause.After == message.Name && left.Any(other => other.Name == cause.Before)));
        foreach (var next in free)
        {
            foreach (var rest in Orders([.. left.Where(message => message != next)], causes))
            {
                yield return [next, .. rest];
            }
        }
    }

    public sealed record Message(string Name, string Source, Func<Consultation, Decision<ConsultationEvent>> Decide);
}
