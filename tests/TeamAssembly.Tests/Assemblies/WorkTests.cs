using OtPlatform.Contracts;
using OtPlatform.TeamAssembly.Assemblies;
using static OtPlatform.TeamAssembly.Tests.Assemblies.Matters;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

[TestFixture]
internal sealed class WorkTests
{
    [Test]
    public void The_team_starts_only_when_the_last_hours_are_confirmed()
    {
        var one = InvitationOf(Accepted(), Social);
        Search.Given(Accepted()).When(FollowCapacity.Confirmed, Of(one)).ThenEvents(typeof(HoursConfirmed));
        AssemblyEvent[] first = [.. Accepted(), .. FollowCapacity.Confirmed(Fold(Accepted()), Of(one)).Events];
        Search.Given(first).When(FollowCapacity.Confirmed, Of(InvitationOf(first, Health))).ThenEvents(typeof(HoursConfirmed), typeof(TeamActivated));
    }

    [Test]
    public void R4_the_requesting_side_s_own_worker_is_first_in_the_team_and_the_experts_are_beside()
    {
        var team = Confirmed().OfType<TeamActivated>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(team.Members[0], Is.EqualTo(new TeamMember(null, "responsibleWorker", null, null, "responsible-social-worker", null, team.Members[0].Needs, team.Members[0].From, team.Members[0].Until)));
            Assert.That(team.Members.Skip(1), Is.All.Matches<TeamMember>(member => member is { Role: "expert", ExpertId: not null, Needs.Count: > 0 }));
            Assert.That(team.GuardsHeld, Is.EqualTo(ActivationGuards.Names));
        });
    }

    [Test]
    public void R4_a_team_for_client_work_does_not_start_without_the_own_worker() =>
        Assert.That(HandedBecause(Confirmed(Decided(facts: Facts with { ResponsibleWorkerRef = null }))), Is.EqualTo(ActivationGuards.OwnWorkerMissing.Code));

    [TestCase(ConsultationKind.ProfessionalSupport)]
    [TestCase(ConsultationKind.Group)]
    public void For_professional_support_the_requester_is_the_responsible_worker_and_no_legal_basis_is_needed(ConsultationKind kind) =>
        Assert.That(Fold(Confirmed(Decided(facts: Facts with { Kind = kind, ResponsibleWorkerRef = null, ResponsibleWorkerRole = null, LegalBasisType = "anonymous", LegalBasisValidUntil = null }))).Members[0].Profession, Is.EqualTo("family-worker"));

    [TestCase("2026-11-20", true)]
    [TestCase("2026-11-19", false)]
    public void A_legal_basis_holds_to_the_end_of_its_last_day(string until, bool starts) =>
        Assert.That(Fold(Confirmed(Decided(facts: Facts with { LegalBasisValidUntil = DateOnly.Parse(until, System.Globalization.CultureInfo.InvariantCulture) }))).Status, Is.EqualTo(starts ? AssemblyStatus.Working : AssemblyStatus.WithCoordinator));

    [Test]
    public void Anonymous_client_work_does_not_become_a_team() =>
        Assert.That(HandedBecause(Confirmed(Decided(facts: Facts with { LegalBasisType = "anonymous" }))), Is.EqualTo(ActivationGuards.LegalBasisMissing.Code));

    [TestCase(true)]
    [TestCase(false)]
    public void A_network_coordinator_is_in_the_team_exactly_when_one_is_needed(bool needed) =>
        Assert.That(Fold(Confirmed(Decided(networkCoordinator: needed))).Members.Count(member => member.Role == "networkCoordinator"), Is.EqualTo(needed ? 1 : 0));

    [Test]
    public void R5_every_guard_refuses_a_team_that_breaks_it_by_its_own_name()
    {
        var state = Fold(Confirmed());
        var sound = new ProposedTeam(state, state.Members, Policy, new DateOnly(2026, 11, 20));
        ProposedTeam With(params TeamMember[] members) => sound with { Members = members };
        var (own, expert) = (state.Members[0], state.Members[1]);
        Assert.Multiple(() =>
        {
            Assert.That(ActivationGuards.FirstThatFails(sound), Is.Null);
            Assert.That(Codes(With([.. state.Members.Skip(1)])), Does.Contain(ActivationGuards.OwnWorkerMissing));
            Assert.That(Codes(With([.. state.Members, expert with { Role = "responsibleWorker" }])), Is.EqualTo(new[] { ActivationGuards.OwnWorkerReplaced }));
            Assert.That(Codes(With([.. state.Members, expert with { Needs = [] }])), Is.EqualTo(new[] { ActivationGuards.RoleOrReasonMissing }));
            Assert.That(Codes(With([.. state.Members, own with { Role = "" }])), Is.EqualTo(new[] { ActivationGuards.RoleOrReasonMissing }));
            Assert.That(Codes(With([.. state.Members, .. Enumerable.Repeat(expert, Policy.Team.MaxMembers - 2)])), Is.Empty);
            Assert.That(Codes(With([.. state.Members, .. Enumerable.Repeat(expert, Policy.Team.MaxMembers - 1)])), Is.EqualTo(new[] { ActivationGuards.TooManyMembers }));
            Assert.That(Codes(With([own, expert with { Until = new DateOnly(2026, 11, 19), From = new DateOnly(2026, 11, 1) }, state.Members[2]])), Is.EqualTo(new[] { ActivationGuards.EndDateMissing }));
            Assert.That(Codes(With([own, expert])), Is.EqualTo(new[] { ActivationGuards.NeedNotCovered }));
            Assert.That(Codes(sound with { Assembly = Fold(Accepted()) }), Is.EqualTo(new[] { ActivationGuards.HoursNotConfirmed }));
            Assert.That(Codes(sound with { Assembly = state with { Matter = Facts with { LegalBasisType = "anonymous" } } }), Is.EqualTo(new[] { ActivationGuards.LegalBasisMissing }));
            Assert.That(Codes(sound with { Assembly = state with { NetworkCoordinator = true } }), Is.EqualTo(new[] { ActivationGuards.NetworkCoordinatorWrong }));
            Assert.That(Codes(With([.. state.Members, own with { Role = "networkCoordinator" }])), Is.EqualTo(new[] { ActivationGuards.NetworkCoordinatorWrong }));
        });
    }

    [Test]
    public void One_expert_s_confirmed_hours_arrange_a_single_consultation() =>
        Assert.That(Confirmed(Decided(Route.ExpertConsultation)).OfType<ConsultationArranged>().Single().Expert, Has.Property(nameof(TeamMember.ExpertId)).EqualTo(Social).And.Property(nameof(TeamMember.Role)).EqualTo("consultant"));

    [Test]
    public void The_expert_s_answer_ends_the_consultation_and_gives_the_hours_ahead_back()
    {
        var answered = Search.Given(Confirmed(Decided(Route.ExpertConsultation))).When(AnswerConsultation.Decide, Answer(Social)).ThenEvents(typeof(CapacityGivenBack), typeof(ConsultationAnswered));
        Assert.Multiple(() =>
        {
            Assert.That(answered.OfType<ConsultationAnswered>().Single().By, Is.EqualTo("expert"));
            Assert.That(answered.OfType<CapacityGivenBack>().Single().FromWeek, Is.EqualTo(new DateOnly(2026, 11, 23)));
        });
    }

    [Test]
    public void Nobody_else_answers_in_the_expert_s_place()
    {
        Search.Given(Confirmed(Decided(Route.ExpertConsultation))).When(AnswerConsultation.Decide, Answer(Health)).ThenRejected(AnswerConsultation.NotTheirs);
        Search.Given(Confirmed(Decided(Route.ExpertConsultation))).When(AnswerConsultation.Decide, Answer(null)).ThenRejected(AnswerConsultation.NotTheirs);
    }

    [Test]
    public void A_single_consultation_has_one_expert_even_where_two_would_cover_it()
    {
        var two = Decided(Route.ExpertConsultation, needs: [Question, Question with { Kind = "sector", Code = "health" }]);
        Assert.That(Started(two)[^1], Is.InstanceOf<ServiceGapFound>());
    }

    [Test]
    public void R1_R2_when_the_expert_does_not_answer_in_time_a_coordinator_can_ask_somebody_else()
    {
        var arranged = Confirmed(Decided(Route.ExpertConsultation));
        var due = Fold(arranged).AnswerDue!.Value;
        Search.Given(arranged).When(GiveUpOnAnswer.Decide, new GiveUpOnAnswer.Command(Policy, due.AddSeconds(-1))).ThenNothing();
        AssemblyEvent[] given = [.. arranged, .. Search.Given(arranged).When(GiveUpOnAnswer.Decide, new GiveUpOnAnswer.Command(Policy, due))
            .ThenEvents(typeof(InvitationExpired), typeof(CapacityGivenBack), typeof(AssemblyHandedToCoordinator))];
        var other = PoolOf(Expert(Health, "health", "substance.child-or-youth"));
        Search.Given(given).When(InviteExpert.Decide, new InviteExpert.Command(Health, ["topic:substance.child-or-youth"], "coordinator-sisa", Around(other)))
            .ThenEvents(typeof(ExpertChosenByHand), typeof(CapacityRequested));
        Search.Given(given).When(AnswerConsultation.Decide, Answer(Social)).ThenRejected(AnswerConsultation.NothingToAnswer);
    }

    [Test]
    public void A_coordinator_answers_with_guidance()
    {
        Search.Given(Started(Decided(Route.BasicSupportGuidance))).When(AnswerConsultation.Decide, Answer(null)).ThenEvents(typeof(ConsultationAnswered));
        Search.Given(Started(Decided(Route.BasicSupportGuidance))).When(AnswerConsultation.Decide, Answer(Social)).ThenRejected(AnswerConsultation.NotTheirs);
    }

    [Test]
    public void Where_no_answer_is_awaited_none_is_taken()
    {
        Search.Given(Confirmed()).When(AnswerConsultation.Decide, Answer(Social)).ThenRejected(AnswerConsultation.NothingToAnswer);
        Search.Given().When(AnswerConsultation.Decide, Answer(Social)).ThenRejected(Assembly.NotStarted);
    }

    [Test]
    public void A_disbanded_team_gives_the_weeks_ahead_back_and_keeps_the_one_under_way()
    {
        var wednesday = new DateTimeOffset(2026, 12, 9, 9, 0, 0, TimeSpan.Zero);
        var disbanded = Search.Given(Confirmed()).When(DisbandTeam.Decide, new DisbandTeam.Command("goalsReached", Policy, wednesday)).ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(TeamDisbanded));
        Assert.That(disbanded.OfType<CapacityGivenBack>().Select(given => given.FromWeek), Is.All.EqualTo(new DateOnly(2026, 12, 14)));
    }

    [Test]
    public void Only_a_working_team_can_be_disbanded()
    {
        Search.Given(Invited()).When(DisbandTeam.Decide, new DisbandTeam.Command("goalsReached", Policy, Now)).ThenRejected(DisbandTeam.NotWorking);
        Search.Given().When(DisbandTeam.Decide, new DisbandTeam.Command("goalsReached", Policy, Now)).ThenRejected(Assembly.NotStarted);
    }

    [Test]
    public void R5_a_working_team_has_a_deadline_on_the_day_after_its_last_membership() =>
        Assert.That(Assembly.Aggregate.Deadlines(Fold(Confirmed())).Single().DueAt, Is.EqualTo(new DateTimeOffset(2027, 2, 15, 0, 0, 0, TimeSpan.Zero)));

    [Test]
    public void A_withdrawal_wins_over_whatever_is_under_way()
    {
        foreach (var past in new[] { Started(), Invited(), Accepted(), Confirmed() })
        {
            var happened = Search.Given(past).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.Withdrawn, Now))
                .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));
            Search.Given([.. past, .. happened]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddDays(1))).ThenNothing();
        }
    }

    [Test]
    public void A_case_that_is_in_triage_again_ends_the_search_and_a_new_route_begins_another()
    {
        var cancelled = Search.Given(Invited()).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.BackInTriage, Now))
            .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));
        Search.Given([.. Invited(), .. cancelled]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(1)))
            .ThenEvents(typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));
    }

    [Test]
    public void A_case_in_triage_for_which_nobody_is_sought_changes_nothing() =>
        Search.Given().When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.BackInTriage, Now)).ThenNothing();

    [Test]
    public void G9_12_whatever_team_a_request_has_ends_when_it_is_linked_and_no_late_word_or_hand_starts_another()
    {
        foreach (var past in new[] { Started(), Invited(), Accepted(), Confirmed() })
        {
            var ended = Search.Given(past).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.Linked, Now))
                .ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));
            AssemblyEvent[] linked = [.. past, .. ended];
            Search.Given(linked).When(InviteExpert.Decide, new InviteExpert.Command(Health, ["sector:health"], "coordinator-sisa", Around())).ThenRejected(InviteExpert.LinkedMatter);
            Search.Given(linked).When(FollowCapacity.Held, Of(InvitationOf(past, Health))).ThenNothing();
            Search.Given(linked).When(FollowCapacity.Confirmed, Of(InvitationOf(past, Health))).ThenNothing();
            Search.Given(linked).When(StartAssemblyOnRouteDecided.Decide, Decided()).ThenNothing();
            Assert.That((Fold(linked).Status, Fold(linked).Live.Any(), Assembly.Aggregate.Deadlines(Fold(linked)).Any()), Is.EqualTo((AssemblyStatus.Cancelled, false, false)));
        }
    }

    [Test]
    public void A_request_that_is_unlinked_gets_a_team_by_a_route_of_its_own()
    {
        var linked = Search.Given(Confirmed()).When(CancelAssembly.Decide, new CancelAssembly.Command(Id, CancelAssembly.Linked, Now)).ThenEvents(typeof(CapacityGivenBack), typeof(CapacityGivenBack), typeof(AssemblyCancelled));
        var again = Search.Given([.. Confirmed(), .. linked]).When(StartAssemblyOnRouteDecided.Decide, Decided(at: Now.AddHours(1)))
            .ThenEvents(typeof(AssemblyStarted), typeof(TeamComposed), typeof(CapacityRequested), typeof(CapacityRequested));
        Assert.That(Fold([.. Confirmed(), .. linked, .. again]).Linked, Is.False);
    }

    private static AnswerConsultation.Command Answer(Guid? expert) => new(Unit, ["knowledge-1"], expert, Policy, Now);

    private static string? HandedBecause(AssemblyEvent[] happened) => happened.OfType<AssemblyHandedToCoordinator>().SingleOrDefault()?.ReasonCode;

    private static IEnumerable<Platform.Streams.Rejection?> Codes(ProposedTeam team) => ActivationGuards.All.Select(guard => guard.Check(team)).Where(rejection => rejection is not null);
}
