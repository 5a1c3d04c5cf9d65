using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;
using Domain = OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>One open case for a matter (C-34), on a real store and a real broker, with two replicas of the service.</summary>
[TestFixture]
internal sealed class LinkedCasesTests
{
    private const int Matters = 12;
    private const int Stories = 30;
    private const string Receiver = "hospital-unit";
    private static readonly Guid Assessor = Guid.Parse("00000000-0000-4000-8000-0000000000e1");
    private static readonly string[] Topics = ["substance.child-or-youth", "violence.family", "addiction.functional"];
    private static readonly int[] Partings = [0, 1, 1, 2, 3, 4, 5, 7, 9, 10, 12, 13, 14, 15];
    private static readonly string[] Open = ["awaitingConfirmation", "held", "awaitingInformation", "routeDecided"];

    private ServiceHost<Program> _triage = null!;
    private ServiceHost<Program> _second = null!;
    private GrpcChannel _channel = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;
    private Metadata _coordinator = null!;
    private Metadata _assessor = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_linked");
        _second = await ServiceHost<Program>.Start("triage_linked_second", _triage.Settings);
        _channel = _triage.OpenChannel();
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
        _coordinator = await _triage.TokenOf("coordinator-sisa");
        _assessor = await _triage.TokenOf($"expert-{Assessor}");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _second.DisposeAsync();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task C34_a_second_request_on_an_open_matter_is_linked_and_one_case_goes_on_with_what_both_say()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = ["violence.family"], Urgency = Urgency.Urgent });
        var (carrying, linked) = (await Get(first), await Get(second));
        Assert.Multiple(() =>
        {
            Assert.That((linked.Status, linked.LinkedTo, linked.LinkedBy, linked.LinkReason, linked.DueBy), Is.EqualTo(("linked", first.ToString(), "platform", "sameMatter", (Google.Protobuf.WellKnownTypes.Timestamp?)null)));
            Assert.That(linked.AllowedRoutes, Is.Empty);
            Assert.That((carrying.Joined.Single(), carrying.Urgency), Is.EqualTo((second.ToString(), "urgent")));
            Assert.That(carrying.Topics, Is.EquivalentTo(new[] { "substance.child-or-youth", "violence.family" }));
        });
        Calls.Refused(() => Decide(second, "hybridTeam"), StatusCode.FailedPrecondition, "triage.case-linked");
        await Published(second, new InformationAdded(second, Now, 2, null, null, ["school", "child-welfare"], false, null, null, new Dictionary<string, Guid>()));
        Assert.That(await Scalar($"select data -> 'request' -> 'services' @> '[\"child-welfare\"]' from ot.mt_events where stream_id = '{first}' and type = 'request_joined' order by version desc limit 1"), Is.True);
    }

    [Test]
    public async Task C34_of_two_requests_that_arrive_at_once_at_two_replicas_one_is_linked_to_the_other()
    {
        List<(string Matter, Guid One, Guid Other)> pairs = [.. Enumerable.Range(0, Matters).Select(_ => (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7()))];
        await EachPairIsOne(pairs);
        var matters = string.Join("','", pairs.Select(pair => pair.Matter));
        Assert.That(await Scalar($"select count(*) from ot.mt_doc_openmatter where split_part(id, ':', 2) in ('{matters}')"), Is.EqualTo((long)Matters));
    }

    [Test]
    public async Task R1_when_the_carrying_case_is_withdrawn_the_others_go_on_with_the_first_of_them()
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList());
        foreach (var id in ids)
        {
            await Published(id, Submitted(id, matter));
        }

        await Decide(ids[0], "hybridTeam");
        await Published(ids[0], new ConsultationWithdrawn(ids[0], Now));
        var (left, next, last) = (await Get(ids[0]), await Get(ids[1]), await Get(ids[2]));
        Assert.Multiple(() =>
        {
            Assert.That((left.Status, left.Joined.Count), Is.EqualTo(("closed", 0)));
            Assert.That((next.Status, next.LinkedTo, next.Route, next.DueBy is null), Is.EqualTo(("awaitingConfirmation", "", "", false)));
            Assert.That((last.Status, last.LinkedTo), Is.EqualTo(("linked", next.Id)));
            Assert.That(next.Joined, Is.EqualTo(new[] { last.Id }));
        });
        Assert.That((await Decide(ids[1], "hybridTeam")).Status, Is.EqualTo("routeDecided"));

        var late = Guid.CreateVersion7();
        await Published(late, Submitted(late, matter));
        Assert.That((await Get(late)).LinkedTo, Is.EqualTo(ids[1].ToString()));
        await Published(ids[0], new ConsultationReopened(ids[0], Guid.NewGuid(), Now));
        Assert.That((await Get(ids[0])).LinkedTo, Is.EqualTo(ids[1].ToString()), "Taken up again, its matter has an open case.");
    }

    [TestCase("expertConsultation")]
    [TestCase("basicSupportGuidance")]
    public async Task C34_R2_a_second_request_on_a_decided_matter_waits_until_a_coordinator_has_read_it(string decision)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Decide(first, "expertConsultation");
        Assert.That((await Get(first)).AllowedRoutes, Is.Empty);

        await Published(second, Submitted(second, matter) with { Topics = ["violence.family"], Urgency = Urgency.Urgent, HighRisk = true });
        var waiting = await Get(first);
        Assert.That((waiting.Status, waiting.AllowedRoutes.Contains("expertConsultation"), await WaitsForCoordinator(first)), Is.EqualTo(("routeDecided", true, true)));
        Assert.That(waiting.DueBy.ToDateTimeOffset(), Is.GreaterThan(Now).And.LessThan(Now.AddDays(5)));
        Assert.That(await Scalar($"select (data ->> 'dueBy')::timestamptz from ot.mt_events where stream_id = '{second}' and type = 'case_linked'"), Is.EqualTo(waiting.DueBy.ToDateTime()).Within(TimeSpan.FromMilliseconds(1)));

        await Decide(first, decision);
        var read = await Get(first);
        Assert.That((read.Route, read.AllowedRoutes.Count, await WaitsForCoordinator(first)), Is.EqualTo((decision, 0, false)));
        await Published(second, new InformationAdded(second, Now, 2, null, null, ["school", "child-welfare"], false, null, null, new Dictionary<string, Guid>()));
        Assert.That(await WaitsForCoordinator(first), Is.False, "Who has been read adds to it.");
    }

    [Test]
    public async Task A_second_request_that_nobody_has_read_goes_on_when_the_other_is_closed()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Decide(first, "expertConsultation");
        await Published(second, Submitted(second, matter));
        await Published(first, new ConsultationClosed(first, "objectionTimeOver", Now));
        var alone = await Get(second);
        Assert.That((alone.Status, alone.LinkedTo, alone.DueBy is null, await WaitsForCoordinator(second)), Is.EqualTo(("awaitingConfirmation", "", false, true)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_new_danger_on_a_matter_whose_earlier_danger_was_seen_to_waits_for_a_coordinator_again(bool dangerFirst)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Reported(first, Submitted(first, matter) with { ImmediateDanger = true }, dangerFirst: true);
        await Decide(first, "hybridTeam");
        Assert.That((await Get(first)).AllowedRoutes, Is.Empty);
        await Reported(second, Submitted(second, matter) with { ImmediateDanger = true }, dangerFirst);
        var carrying = await Get(first);
        Assert.That(((await Get(second)).LinkedTo, carrying.AllowedRoutes.Count > 0), Is.EqualTo((first.ToString(), true)));
    }

    [Test]
    public async Task The_danger_of_a_request_beside_the_next_is_held_when_the_carrying_one_leaves()
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList());
        foreach (var id in ids)
        {
            await Published(id, Submitted(id, matter));
        }

        await Published(ids[2], new SafetyReported(ids[2], true, true, Urgency.Urgent, new Dictionary<string, Guid>(), Now));
        await Published(ids[0], new ConsultationWithdrawn(ids[0], Now));
        var next = await Get(ids[1]);
        Assert.That((next.Status, next.AllowedRoutes.Count > 0, next.DueBy.ToDateTimeOffset() < Now.AddHours(2)), Is.EqualTo(("held", true, true)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_nobody_has_seen_to_does_not_end_with_the_others_consultation(bool danger)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Decide(first, "expertConsultation");
        if (danger)
        {
            await Published(second, new SafetyReported(second, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), Now));
        }
        else
        {
            await Published(second, new AnswerObjected(second, null, Now));
        }

        await Published(first, new ConsultationClosed(first, "confirmed", Now));
        var left = await Get(second);
        Assert.That((left.Status, left.LinkedTo, left.AllowedRoutes.Count > 0), Is.EqualTo((danger ? "held" : "awaitingConfirmation", "", true)));
    }

    [Test]
    public async Task C34_a_closed_matter_is_not_open_any_more_and_who_had_the_answer_too_keeps_it()
    {
        var (matter, first, second, third) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Decide(first, "expertConsultation");
        await Published(first, new ConsultationClosed(first, "confirmed", Now));
        var kept = await Get(second);
        Assert.That((kept.Status, kept.LinkedTo, kept.Route), Is.EqualTo(("routeDecided", "", "expertConsultation")));
        await Published(second, new AnswerObjected(second, null, Now));
        Assert.That((await Get(second)).Status, Is.EqualTo("awaitingConfirmation"), "It objects by itself.");
        await Published(second, new ConsultationWithdrawn(second, Now));
        await Published(third, Submitted(third, matter));
        Assert.That((await Get(third)).LinkedTo, Is.Empty);
    }

    [Test]
    public async Task R1_an_objection_of_either_opens_the_one_case_again()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Decide(first, "expertConsultation");
        await Published(second, new AnswerObjected(second, null, Now));
        var (carrying, linked) = (await Get(first), await Get(second));
        Assert.That((carrying.Status, carrying.Bounces, linked.Status), Is.EqualTo(("awaitingConfirmation", 1, "linked")));
    }

    [Test]
    public async Task R8_whose_consent_ends_leaves_the_matter_and_is_asked_for_a_legal_basis()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Decide(first, "hybridTeam");
        await Published(first, new ConsentEnded(first, "withdrawn", true, Now));
        var (left, goesOn) = (await Get(first), await Get(second));
        Assert.That((left.Status, left.Joined.Count, goesOn.Status, goesOn.LinkedTo), Is.EqualTo(("awaitingInformation", 0, "awaitingConfirmation", "")));
    }

    [Test]
    public async Task C34_coordinators_link_and_unlink_across_partners_and_who_and_why_is_kept()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, null));
        await Published(second, Submitted(second, Matter()) with { County = "kanta-hame" });
        LinkCasesRequest Link(string reason = "sameFamily") => new() { Id = second.ToString(), LeadId = first.ToString(), ReasonCode = reason };
        Calls.Refused(async () => await _cases.LinkCasesAsync(Link("because"), _coordinator), StatusCode.FailedPrecondition, "triage.link-reason-unknown");
        Calls.Refused(async () => await _cases.LinkCasesAsync(new LinkCasesRequest { Id = first.ToString(), LeadId = first.ToString(), ReasonCode = "other" }, _coordinator), StatusCode.InvalidArgument, "platform.invalid-input");
        var elsewhere = await _triage.TokenOf("coordinator-lansi");
        Calls.Refused(async () => await _cases.LinkCasesAsync(Link(), elsewhere), StatusCode.NotFound, "triage.case-not-opened");

        var linked = await _cases.LinkCasesAsync(Link(), _coordinator);
        Assert.That((linked.Status, linked.LinkedTo, linked.LinkedBy, linked.LinkReason), Is.EqualTo(("linked", first.ToString(), "coordinator-sisa", "sameFamily")));
        Assert.That(await _cases.LinkCasesAsync(Link(), _coordinator), Is.EqualTo(linked), "Said twice, done once.");
        var third = Guid.CreateVersion7();
        await Published(third, Submitted(third, null));
        Calls.Refused(async () => await _cases.LinkCasesAsync(new LinkCasesRequest { Id = first.ToString(), LeadId = third.ToString(), ReasonCode = "other" }, _coordinator), StatusCode.FailedPrecondition, "triage.case-carries-others");

        Calls.Refused(async () => await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = second.ToString(), ReasonCode = "because" }, _coordinator), StatusCode.FailedPrecondition, "triage.unlink-reason-unknown");
        var unlinked = await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = second.ToString(), ReasonCode = "byMistake" }, _coordinator);
        Assert.That((unlinked.Status, unlinked.LinkedTo, unlinked.DueBy is null), Is.EqualTo(("awaitingConfirmation", "", false)));
        Assert.That((await Get(first)).Joined, Is.Empty);
        Assert.That(await Scalar($"select data ->> 'unlinkedBy' || ' ' || (data ->> 'reasonCode') from ot.mt_events where stream_id = '{second}' and type = 'case_unlinked'"), Is.EqualTo("coordinator-sisa byMistake"));
    }

    [Test]
    public async Task G9_12_a_second_request_on_the_same_matter_is_linked_and_no_second_plan_is_decided_for_it_before_or_after()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        Assert.That((await Get(second)).LinkedTo, Is.EqualTo(first.ToString()));
        Calls.Refused(() => Decide(second, "hybridTeam"), StatusCode.FailedPrecondition, "triage.case-linked");
        Assert.That((await Decide(first, "hybridTeam")).Status, Is.EqualTo("routeDecided"));
        Calls.Refused(() => Decide(second, "hybridTeam"), StatusCode.FailedPrecondition, "triage.case-linked");
        Assert.That(await Scalar($"select count(*) from ot.mt_events where stream_id in ('{first}', '{second}') and type = 'route_decided'"), Is.EqualTo(1L));
    }

    [Test]
    public async Task G9_12_of_two_that_were_decided_apart_only_the_one_whose_plan_is_open_can_be_linked_and_its_route_is_over()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, null));
        await Published(second, Submitted(second, null));
        await Decide(first, "hybridTeam");
        await Decide(second, "hybridTeam");
        LinkCasesRequest Link(Guid id, Guid lead) => new() { Id = id.ToString(), LeadId = lead.ToString(), ReasonCode = "sameFamily" };
        Calls.Refused(async () => await _cases.LinkCasesAsync(Link(second, first), _coordinator), StatusCode.FailedPrecondition, "triage.route-decided");

        await Published(second, new SafetyReported(second, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), Now));
        var linked = await _cases.LinkCasesAsync(Link(second, first), _coordinator);
        Assert.That((linked.Status, linked.Route, linked.LinkedTo), Is.EqualTo(("linked", "", first.ToString())));
        Calls.Refused(() => Decide(second, "hybridTeam"), StatusCode.FailedPrecondition, "triage.case-linked");
        Assert.That(((await Get(first)).Route, (await Get(first)).AllowedRoutes.Count > 0), Is.EqualTo(("hybridTeam", true)), "Its plan goes on, and a coordinator looks at the danger.");
    }

    [TestCase("anonymous", "consent")]
    [TestCase("ended", "consent")]
    [TestCase("consent", "anonymous")]
    [TestCase("consent", "ended")]
    public async Task R8_nobody_is_linked_without_a_legal_basis(string basis, string carryingBasis)
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, null) with { LegalBasisType = carryingBasis });
        await Published(second, Submitted(second, null) with { LegalBasisType = basis });
        Calls.Refused(async () => await _cases.LinkCasesAsync(new LinkCasesRequest { Id = second.ToString(), LeadId = first.ToString(), ReasonCode = "other" }, _coordinator), StatusCode.FailedPrecondition, "triage.legal-basis-needed");
    }

    [Test]
    public async Task R7_the_key_of_a_matter_is_kept_as_long_as_an_open_request_has_it()
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToList());
        await Published(ids[0], Submitted(ids[0], matter));
        await Published(ids[1], Submitted(ids[1], Matter()));
        await _cases.LinkCasesAsync(new LinkCasesRequest { Id = ids[1].ToString(), LeadId = ids[0].ToString(), ReasonCode = "sameFamily" }, _coordinator);
        await Published(ids[2], Submitted(ids[2], matter));
        await Published(ids[0], new ConsultationWithdrawn(ids[0], Now));
        Assert.That((await Get(ids[2])).LinkedTo, Is.EqualTo(ids[1].ToString()));
        await Published(ids[3], Submitted(ids[3], matter));
        Assert.That((await Get(ids[3])).LinkedTo, Is.EqualTo(ids[1].ToString()), "The case of another key carries it now.");

        await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = ids[2].ToString(), ReasonCode = "other" }, _coordinator);
        await Published(ids[3], new ConsultationWithdrawn(ids[3], Now));
        await Published(ids[1], new ConsultationClosed(ids[1], "confirmed", Now));
        await Published(ids[4], Submitted(ids[4], matter));
        Assert.That((await Get(ids[4])).LinkedTo, Is.EqualTo(ids[2].ToString()), "Who was unlinked has it still.");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task R7_who_has_a_legal_basis_again_has_its_matter_again(bool consent)
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList());
        await Published(ids[0], Submitted(ids[0], matter));
        await Published(ids[0], new ConsentEnded(ids[0], "withdrawn", true, Now));
        await Published(ids[1], Submitted(ids[1], matter));
        Assert.That((await Get(ids[1])).LinkedTo, Is.Empty, "Nothing may be shared with who has no legal basis.");
        await Again(ids[0]);
        Assert.That(((await Get(ids[0])).Status, (await Get(ids[0])).LinkedTo), Is.EqualTo(("linked", ids[1].ToString())), "Two cases for one matter do not arise.");

        await Published(ids[1], new ConsentEnded(ids[1], "withdrawn", true, Now));
        await Published(ids[0], new ConsultationWithdrawn(ids[0], Now));
        await Again(ids[1]);
        await Published(ids[2], Submitted(ids[2], matter));
        Assert.That((await Get(ids[2])).LinkedTo, Is.EqualTo(ids[1].ToString()));

        Task Again(Guid id) => consent
            ? Published(id, new ConsentRecorded(id, null, Now))
            : Published(id, new InformationAdded(id, Now, 2, null, null, null, false, "statutory", null, new Dictionary<string, Guid>()));
    }

    [Test]
    public async Task C34_a_request_of_another_area_has_a_case_of_its_own()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Area = "lansi", County = "varsinais-suomi" });
        var elsewhere = await _cases.GetAsync(new GetCaseRequest { Id = second.ToString() }, await _triage.TokenOf("coordinator-lansi"));
        Assert.That((elsewhere.Status, elsewhere.LinkedTo, (await Get(first)).Joined.Count), Is.EqualTo(("awaitingConfirmation", "", 0)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task R3_a_referral_goes_on_for_the_other_request_when_one_confirms(bool accepted)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Decide(first, "specialLevel");
        await _cases.ProposeReferralAsync(new ProposeReferralRequest { Id = first.ToString(), Receiver = Receiver }, _coordinator);
        var receiver = await _triage.TokenOf($"receiver-{Receiver}");
        if (accepted)
        {
            await _cases.AcceptReferralAsync(new AcceptReferralRequest { Id = first.ToString() }, receiver);
        }

        await Published(first, new ConsultationClosed(first, "confirmed", Now));
        var goesOn = await Get(second);
        Assert.Multiple(async () =>
        {
            Assert.That((goesOn.Status, goesOn.Route, goesOn.ReferralStatus, goesOn.Receiver), Is.EqualTo(("routeDecided", "specialLevel", accepted ? "accepted" : "proposed", Receiver)));
            Assert.That(goesOn.DueBy.ToDateTimeOffset(), Is.GreaterThan(Now));
            Assert.That(await WaitsForCoordinator(second), Is.False);
            Assert.That(await WaitsForCoordinator(first), Is.False);
        });
        Assert.That((await _cases.AcceptReferralAsync(new AcceptReferralRequest { Id = second.ToString() }, receiver)).ReferralStatus, Is.EqualTo("accepted"));
    }

    [Test]
    public async Task What_a_request_said_leaves_with_it_when_it_was_linked_by_mistake()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = ["violence.family"], Urgency = Urgency.Urgent, HighRisk = true });
        await Published(first, new InformationAdded(first, Now, 2, null, ["unclear"], null, false, null, null, new Dictionary<string, Guid>()));
        await Published(second, new SafetyReported(second, true, true, null, new Dictionary<string, Guid>(), Now));
        var joint = await Get(first);
        Assert.That((joint.Status, joint.Urgency, joint.Topics.Count), Is.EqualTo(("held", "urgent", 2)));

        await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = second.ToString(), ReasonCode = "byMistake" }, _coordinator);
        var (alone, other) = (await Get(first), await Get(second));
        Assert.Multiple(() =>
        {
            Assert.That((alone.Status, alone.Urgency), Is.EqualTo(("awaitingConfirmation", "routine")));
            Assert.That(alone.Topics, Is.EqualTo(new[] { "substance.child-or-youth" }));
            Assert.That((other.Status, other.Urgency, other.Topics.Single()), Is.EqualTo(("held", "urgent", "violence.family")));
        });
    }

    [Test]
    public async Task R8_what_a_request_said_leaves_when_it_is_withdrawn_and_when_it_is_erased()
    {
        var (matter, first, second, third) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = ["violence.family"] });
        await Published(second, new ConsultationWithdrawn(second, Now));
        Assert.That((await Get(first)).Topics, Is.EqualTo(new[] { "substance.child-or-youth" }));

        await Published(third, Submitted(third, matter) with { Topics = ["violence.family"] });
        Assert.That((await Get(first)).Topics, Has.Count.EqualTo(2));
        await Published(third, new ConsultationErased(third, Now, Now.AddDays(30)));
        Assert.That((await Get(first)).Topics, Is.EqualTo(new[] { "substance.child-or-youth" }));
    }

    [Test]
    public async Task An_answer_that_was_on_its_way_when_a_linked_requests_consent_ended_ends_the_question_for_a_basis()
    {
        var (matter, first, second, at) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7(), Now);
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Decide(first, "expertConsultation");
        await Published(second, new ConsentEnded(second, "withdrawn", true, at));
        Assert.That((await Get(second)).Status, Is.EqualTo("awaitingInformation"));
        await Published(second, new ConsentEnded(second, "withdrawn", false, at));
        Assert.That(((await Get(second)).Status, (await Get(second)).Route), Is.EqualTo(("routeDecided", "expertConsultation")));
    }

    [Test]
    public async Task R8_when_the_last_request_of_a_matter_is_erased_its_key_is_nowhere()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter));
        await Erase(first);
        Assert.That((await StoredText.Found(_triage.StoreConnectionString, [matter])).Count, Is.GreaterThan(0), "It is the other's matter too.");
        await Erase(second);
        Assert.That(await StoredText.Found(_triage.StoreConnectionString, [matter]), Is.Empty);

        async Task Erase(Guid id)
        {
            await Published(id, new ConsultationWithdrawn(id, Now));
            await Published(id, new ConsultationErased(id, Now, Now.AddDays(30)));
        }
    }

    [Test]
    public void C34_whatever_is_said_of_three_requests_about_one_matter_every_open_one_has_an_open_case_that_is_looked_at()
    {
        var words = Gen.ListOf(Gen.Choose(0, 47), 10);
        Prop.ForAll(words.ToArbitrary(), story =>
        {
            // What is said of a failure shows only the first words.
            TestContext.Out.WriteLine(string.Join(", ", story));
            Told([.. story]).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Stories));
    }

    [TestCase(41, 26, 26, 2, 24, 39, 7, 25, 0, 3)]
    public Task C34_R8_stories_that_went_wrong_once(params int[] story) => Told(story);

    [TestCase(true)]
    [TestCase(false)]
    public async Task R8_what_may_be_known_no_more_leaves_a_case_that_carried_it_once_and_is_linked_the_other_way_round_now(bool erased)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]], Urgency = Urgency.Urgent, HighRisk = true });
        await Published(first, new ConsultationClosed(first, "confirmed", Now));
        await Published(first, new ConsultationReopened(first, Guid.NewGuid(), Now));
        Assert.That((await Get(first)).LinkedTo, Is.EqualTo(second.ToString()));
        await MayBeKnownNoMore(second, erased);
        var goesOn = await Get(first);
        Assert.That((goesOn.Status, goesOn.LinkedTo, goesOn.Urgency, goesOn.Topics.Single()), Is.EqualTo(("awaitingConfirmation", "", "routine", Topics[0])));
        await EachForgets([first, second]);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task R8_what_may_be_known_no_more_leaves_a_closed_case_that_carried_it_once_and_a_reopening_does_not_find_it(bool erased)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await Published(second, new SafetyReported(second, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), Now));
        await Published(first, new ConsultationClosed(first, "confirmed", Now));
        await MayBeKnownNoMore(second, erased);
        await EachForgets([first, second]);
        Assert.That((await Folded(first)).Assessment!.Facts.HighRisk, Is.False);
        await Published(first, new ConsultationReopened(first, Guid.NewGuid(), Now));
        var again = await Get(first);
        Assert.That((again.Status, again.Urgency, again.Topics.Single()), Is.EqualTo(("awaitingConfirmation", "routine", Topics[0])));
    }

    [Test]
    public async Task R8_whose_consent_ends_after_it_was_withdrawn_counts_no_more_in_the_others_case()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await Published(second, new ConsultationWithdrawn(second, Now));
        await Published(second, new ConsentEnded(second, "withdrawn", true, Now));
        Assert.That((await Get(first)).Topics, Is.EqualTo(new[] { Topics[0] }));
    }

    [Test]
    public async Task R8_a_case_whose_own_consent_ends_is_weighed_without_those_who_go_on_by_themselves()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await Published(second, new SafetyReported(second, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), Now));
        await Published(first, new ConsentEnded(first, "withdrawn", true, Now));
        var (left, goesOn) = (await Get(first), await Get(second));
        Assert.That((left.Status, left.Urgency, left.Topics.Single(), goesOn.Status), Is.EqualTo(("awaitingInformation", "routine", Topics[0], "held")));
        Assert.That((await Folded(first)).Assessment!.Facts.HighRisk, Is.False);
    }

    [Test]
    public async Task R8_of_an_answered_request_whose_consent_ends_the_carrying_case_knows_a_new_danger_and_nothing_else()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]], Urgency = Urgency.Urgent });
        await Decide(first, "expertConsultation");
        await Published(second, new ConsentEnded(second, "withdrawn", false, Now));
        await Published(second, new ConsultationCorrected(second, null, [Topics[2]], null, null, false, new Dictionary<string, Guid>(), Now));
        var carrying = await Get(first);
        Assert.That((carrying.Status, carrying.Urgency, carrying.Topics.Single(), (await Get(second)).LinkedTo), Is.EqualTo(("routeDecided", "routine", Topics[0], first.ToString())));
        Assert.That(await WaitsForCoordinator(first), Is.False);
        await EachForgets([first, second]);

        await Published(second, new SafetyReported(second, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), Now));
        Assert.That(await WaitsForCoordinator(first), Is.True);
        await EachForgets([first, second]);
        await Published(second, new ConsentRecorded(second, null, Now));
        Assert.That((await Get(first)).Topics, Is.EquivalentTo(new[] { Topics[0], Topics[2] }), "It may be shared again.");
    }

    [Test]
    public async Task R8_the_next_to_carry_a_matter_is_one_with_a_legal_basis_for_it()
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList());
        foreach (var id in ids)
        {
            await Published(id, Submitted(id, matter) with { Topics = [Topics[ids.IndexOf(id)]] });
        }

        await Decide(ids[0], "expertConsultation");
        await Published(ids[1], new ConsentEnded(ids[1], "withdrawn", false, Now));
        await Published(ids[0], new ConsultationWithdrawn(ids[0], Now));
        Assert.That(((await Get(ids[2])).LinkedTo, (await Get(ids[1])).LinkedTo), Is.EqualTo(("", ids[2].ToString())));
        Assert.That((await Get(ids[2])).Topics, Is.EqualTo(new[] { Topics[2] }));
        await EachForgets(ids);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_was_corrected_while_another_case_carried_the_matter_is_weighed_when_the_request_goes_on_alone(bool otherIsOver)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await Decide(first, "expertConsultation");
        await Published(second, new ConsultationCorrected(second, null, [Topics[2]], null, null, false, new Dictionary<string, Guid>(), Now));
        var over = otherIsOver ? first : second;
        await Published(over, new ConsultationClosed(over, "confirmed", Now));
        if (!otherIsOver)
        {
            await Published(first, new ConsultationClosed(first, "confirmed", Now));
            await Published(second, new ConsultationReopened(second, Guid.NewGuid(), Now));
        }

        Assert.That((await Folded(second)).Assessment!.Facts.Topics.Select(topic => topic.Code), Is.EqualTo(new[] { Topics[2] }));
    }

    [Test]
    public async Task Who_carried_the_others_matter_once_and_is_unlinked_by_a_coordinator_is_weighed_by_itself()
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await Published(first, new ConsultationWithdrawn(first, Now));
        await Published(first, new ConsultationReopened(first, Guid.NewGuid(), Now));
        await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = first.ToString(), ReasonCode = "otherMatter" }, _coordinator);
        Assert.That(((await Get(first)).Topics.Single(), (await Get(second)).Topics.Single()), Is.EqualTo((Topics[0], Topics[1])));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task R8_what_a_request_said_leaves_the_case_that_goes_on_when_its_consent_ends_after_it_is_over(bool closed)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        if (closed)
        {
            await Published(second, new ConsultationClosed(second, "confirmed", Now));
            Assert.That((await Get(first)).Topics, Is.EquivalentTo(Topics[..2]));
        }
        else
        {
            await Published(second, new ConsultationWithdrawn(second, Now));
        }

        await Published(second, new ConsentEnded(second, "expired", false, Now));
        Assert.That((await Get(first)).Topics, Is.EqualTo(new[] { Topics[0] }));
        Assert.That((await Folded(second)).Own!.LegalBasisType, Is.EqualTo(Domain.CaseRequest.ConsentEnded));
        await Published(second, new ConsultationReopened(second, Guid.NewGuid(), Now));
        Assert.That(((await Get(second)).LinkedTo, (await Get(first)).Topics.Single()), Is.EqualTo(("", Topics[0])), "Nothing is shared without a legal basis.");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task R8_what_only_a_request_needed_that_may_be_known_no_more_is_asked_of_nobody(bool erased)
    {
        var (matter, first, second) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await Decide(first, "hybridTeam");
        var decided = await Folded(first);
        Assert.That(decided.Needs.Where(need => need.Kind == "topic").Select(need => need.Code), Is.EquivalentTo(Topics[..2]));
        await MayBeKnownNoMore(second, erased);
        var after = await Folded(first);
        Assert.That(after.Needs.Where(need => need.Kind == "topic").Select(need => need.Code), Is.EqualTo(new[] { Topics[0] }));
        Assert.That((after.Status, after.Route, after.RouteDecidedAt), Is.EqualTo((decided.Status, decided.Route, decided.RouteDecidedAt)), "The route stays.");
        Assert.That(after.Needs.Where(need => need.Kind == "sector").Select(need => need.Code), Is.SupersetOf(decided.Needs.Where(need => need.Kind == "sector").Select(need => need.Code)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task C34_what_a_coordinator_took_apart_stays_apart_from_the_other_side_too(bool withAnother)
    {
        var (matter, first, second, third) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        if (withAnother)
        {
            await Published(third, Submitted(third, matter));
        }

        await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = second.ToString(), ReasonCode = "otherMatter" }, _coordinator);
        foreach (var over in withAnother ? [first, third] : new[] { first })
        {
            await Published(over, new ConsultationClosed(over, "confirmed", Now));
        }

        foreach (var again in withAnother ? [third, first] : new[] { first })
        {
            await Published(again, new ConsultationReopened(again, Guid.NewGuid(), Now));
            Assert.That((await Get(again)).LinkedTo, Is.Not.EqualTo(second.ToString()));
        }

        Assert.That(((await Get(second)).Joined.Count, (await Get(second)).Topics.Single()), Is.EqualTo((0, Topics[1])));
        await _cases.LinkCasesAsync(new LinkCasesRequest { Id = first.ToString(), LeadId = second.ToString(), ReasonCode = "sameMatter" }, _coordinator);
        Assert.That((await Get(first)).LinkedTo, Is.EqualTo(second.ToString()), "A coordinator can link them again.");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task C34_what_a_coordinator_took_apart_stays_apart_when_it_is_taken_up_again(bool otherIsOpen)
    {
        var (matter, first, second, third) = (Matter(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, matter));
        await Published(second, Submitted(second, matter) with { Topics = [Topics[1]] });
        await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = second.ToString(), ReasonCode = "otherMatter" }, _coordinator);
        await Published(second, new ConsultationClosed(second, "confirmed", Now));
        if (!otherIsOpen)
        {
            await Published(first, new ConsultationClosed(first, "confirmed", Now));
        }

        await Published(second, new ConsultationReopened(second, Guid.NewGuid(), Now));
        Assert.That(((await Get(second)).Status, (await Get(second)).LinkedTo, (await Get(first)).Topics.Single()), Is.EqualTo(("awaitingConfirmation", "", Topics[0])));
        await Published(third, Submitted(third, matter));
        Assert.That((await Get(third)).LinkedTo, Is.EqualTo((otherIsOpen ? first : second).ToString()), "One of them has the key.");
    }

    [Test]
    public async Task C34_of_two_that_find_a_key_which_is_held_for_nobody_at_once_one_is_linked_to_the_other()
    {
        var matters = Enumerable.Range(0, Matters).Select(_ => Matter()).ToList();
        var over = Guid.CreateVersion7();
        await Published(over, Submitted(over, Matter()));
        await Published(over, new ConsultationClosed(over, "confirmed", Now));
        await _triage.Services.GetRequiredService<StreamStore>().InOneTransaction(new Origin("test", null, null), work =>
        {
            matters.ForEach(matter => work.Insert(new Domain.OpenMatter { Id = Domain.OpenMatter.IdOf("sisa", matter), CaseId = over }));
            return Task.FromResult(true);
        }, CancellationToken.None);
        await EachPairIsOne([.. matters.Select(matter => (matter, Guid.CreateVersion7(), Guid.CreateVersion7()))]);
        Assert.That(await Scalar($"select count(*) from ot.mt_doc_openmatter where case_id = '{over}'"), Is.Zero);
    }

    [Test]
    public void R8_after_an_erasure_or_the_end_of_a_consent_no_other_case_holds_what_that_request_said()
    {
        var words = Gen.ListOf(Gen.Elements(Partings).SelectMany(act => Gen.Choose(0, 2).Select(id => (act * 3) + id)), 14);
        Prop.ForAll(words.ToArbitrary(), story => Told([.. story]).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(Stories));
    }

    /// <summary>The two requests of each matter arrive at once at two replicas.</summary>
    private async Task EachPairIsOne(IReadOnlyList<(string Matter, Guid One, Guid Other)> pairs)
    {
        await Task.WhenAll(pairs.SelectMany(pair => new[] { pair.One, pair.Other }.Select((id, at) =>
        {
            var submitted = Submitted(id, pair.Matter) with { ImmediateDanger = true };
            return Publish(at == 0 ? _triage : _second, id, new ImmediateDangerReported(id, submitted.SubmittedAt, submitted));
        })));
        foreach (var pair in pairs)
        {
            await Eventually.Holds(async () =>
            {
                var cases = new[] { await Get(pair.One), await Get(pair.Other) };
                var carrying = cases.Single(known => known.LinkedTo.Length == 0);
                var linked = cases.Single(known => known.LinkedTo.Length > 0);
                Assert.That((carrying.Status, linked.Status, linked.LinkedTo, carrying.Joined.Single()), Is.EqualTo(("held", "linked", carrying.Id, linked.Id)));
            });
        }
    }

    private async Task MayBeKnownNoMore(Guid id, bool erased)
    {
        if (!erased)
        {
            await Published(id, new ConsentEnded(id, "withdrawn", true, Now));
            return;
        }

        await Published(id, new ConsultationWithdrawn(id, Now));
        await Published(id, new ConsultationErased(id, Now, Now.AddDays(30)));
    }

    /// <summary>Whoever was erased or has no legal basis any more counts in no other case, and no open case is weighed with more than it knows.</summary>
    private async Task EachForgets(IReadOnlyList<Guid> known)
    {
        var cases = new List<Domain.TriageCase>();
        foreach (var id in known)
        {
            cases.Add(await Folded(id));
        }

        foreach (var one in cases)
        {
            foreach (var gone in cases.Where(other => other.Id != one.Id && (other.Erased || other.Own!.LegalBasisType == Domain.CaseRequest.ConsentEnded)))
            {
                Assert.That(one.Others.Where(told => told.CaseId == gone.Id && told.Request is not { Topics: [], Marks: [], Services: [], WishedChannels: [], TriedCount: 0, HasScreening: false, AgeBand: null, Profiles: null, AssessorMarks: null }), Is.Empty);
                Assert.That(one.Request!.Topics.Intersect(gone.Own!.Topics).Except(one.Own!.Topics), Is.Empty);
            }

            Assert.That(one.Assessors.Any(assessor => assessor.IsInvited) && !one.CarriesMatter, Is.False, "Nobody is asked to assess what another case carries, or what is over.");
            if (one.CarriesMatter)
            {
                Assert.That(one.Assessment!.Facts.AssessorMarks ?? [], Is.SubsetOf(one.Request!.AssessorMarks ?? []));
                var facts = one.Assessment!.Facts;
                Assert.That(facts.Topics.Select(topic => topic.Code), Is.SubsetOf(one.Request!.Topics));
                if (one.Status is Domain.CaseStatus.RouteDecided)
                {
                    Assert.That(one.Needs.Where(need => need.Kind == "topic").Select(need => need.Code), Is.SubsetOf(one.Request.Topics), "Nobody is asked for what nobody who may be known needs.");
                }

                Assert.That((facts.HighRisk && !one.Request.HighRisk, facts.ImmediateDanger && !one.Request.ImmediateDanger), Is.EqualTo((false, false)));
            }
        }
    }

    private async Task<Domain.TriageCase> Folded(Guid id) =>
        Domain.TriageCase.Aggregate.Fold([.. (await _triage.Services.GetRequiredService<StreamStore>().History(id, CancellationToken.None)).Select(happened => (Domain.TriageEvent)happened.Event)]);

    private async Task Told(IReadOnlyList<int> story)
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList());
        // What no coordinator has seen to yet: a request, a danger, an objection.
        var (submitted, over, erased, unseen, endangered) = (new HashSet<Guid>(), new HashSet<Guid>(), new HashSet<Guid>(), new HashSet<Guid>(), new HashSet<Guid>());
        // What a coordinator took apart, and none has linked again.
        var apart = new HashSet<(Guid, Guid)>();
        foreach (var word in story)
        {
            var (id, act, at) = (ids[word % 3], word / 3, Now);
            if (submitted.Add(id))
            {
                await Published(id, Says(id));
                unseen.Add(id);
            }
            else if (!erased.Contains(id) && (!over.Contains(id) || act is 1 or > 7 and < 11 or 12 or 13))
            {
                await Happens(id, act, word, at);
            }

            await EachIsLookedAt([.. ids.Where(submitted.Contains)]);
            await EachForgets([.. ids.Where(submitted.Contains)]);
            await StaysApart([.. ids.Where(submitted.Contains)]);
        }

        // In every other story the last has another key, and is linked by a coordinator alone.
        ConsultationSubmitted Says(Guid id) => Submitted(id, id == ids[2] && story.Sum() % 2 == 1 ? $"{matter}b" : matter) with { Topics = [Topics[ids.IndexOf(id)]] };

        async Task Happens(Guid id, int act, int word, DateTimeOffset at)
        {
            await (Task)(act switch
            {
                0 => Over(new ConsultationWithdrawn(id, at)),
                1 => Reopened(),
                2 => Over(new ConsultationClosed(id, "confirmed", at)),
                3 => Published(id, new ConsentEnded(id, "withdrawn", true, at)),
                4 => Published(id, new ConsentRecorded(id, null, at)),
                5 => Published(id, new InformationAdded(id, at, 3, null, ["unclear", "diverse"], null, false, "statutory", null, new Dictionary<string, Guid>())),
                6 => Said(new AnswerObjected(id, null, at), danger: false),
                7 => Said(new SafetyReported(id, true, true, Urgency.Urgent, new Dictionary<string, Guid>(), at), danger: true),
                8 => Tried(async () => Seen(await Decide(id, id == ids[0] ? "basicSupportGuidance" : "expertConsultation"))),
                9 => Tried(async () =>
                {
                    var group = (await Group(id)).ToList();
                    var carries = (await Get(id)).LinkedTo.Length == 0;
                    await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = id.ToString(), ReasonCode = "other" }, _coordinator);
                    apart.UnionWith(carries ? [] : group.SelectMany(other => new[] { (id, other), (other, id) }));
                }),
                10 when submitted.Contains(ids[(word + 1) % 3]) => Tried(async () =>
                {
                    var linkedAlready = (await Get(id)).LinkedTo.Length > 0;
                    await _cases.LinkCasesAsync(new LinkCasesRequest { Id = id.ToString(), LeadId = ids[(word + 1) % 3].ToString(), ReasonCode = "other" }, _coordinator);
                    if (!linkedAlready)
                    {
                        // Whoever links it has it before them.
                        unseen.Remove(id);
                        endangered.Remove(id);
                        apart.ExceptWith((await Group(id)).SelectMany(other => new[] { (id, other), (other, id) }));
                    }
                }),
                10 => Task.CompletedTask,
                11 => Said(new ImmediateDangerReported(id, at, Says(id)), danger: true),
                12 => Erased(),
                13 => Published(id, new ConsentEnded(id, "withdrawn", false, at)),
                14 => Tried(async () => await _cases.RecordProfileAsync(
                    new RecordProfileRequest { Id = id.ToString(), Tool = "suuntima", Source = $"unit-{ids.IndexOf(id)}", MadeOn = "2026-03-02", Result = "network-client" }, _coordinator)),
                _ => Tried(async () =>
                {
                    await _cases.InviteAssessorAsync(new InviteAssessorRequest { Id = id.ToString(), ExpertId = $"{Assessor}", ReasonCode = "other" }, _coordinator);
                    await _cases.ContributeAsync(new ContributeRequest { Id = id.ToString(), Marks = { "rare" } }, _assessor);
                }),
            });

            async Task Erased()
            {
                if (!over.Contains(id))
                {
                    await Over(new ConsultationWithdrawn(id, at));
                }

                await Over(new ConsultationErased(id, at, at.AddDays(30)));
                erased.Add(id);
            }

            async Task Over<T>(T message)
                where T : class
            {
                await Published(id, message);
                over.Add(id);
                unseen.Remove(id);
                endangered.Remove(id);
            }

            async Task Reopened()
            {
                await Published(id, new ConsultationReopened(id, Guid.NewGuid(), at));
                over.Remove(id);
                unseen.Add(id);
            }

            async Task Said<T>(T message, bool danger)
                where T : class
            {
                await Published(id, message);
                unseen.Add(id);
                if (danger)
                {
                    endangered.Add(id);
                }
            }
        }

        async Task StaysApart(IReadOnlyList<Guid> known)
        {
            foreach (var id in known)
            {
                Assert.That((await Group(id)).Where(other => apart.Contains((id, other))), Is.Empty);
            }
        }

        async Task<IEnumerable<Guid>> Group(Guid id)
        {
            var own = await Get(id);
            var carrying = own.LinkedTo.Length == 0 ? own : await Get(Guid.Parse(own.LinkedTo));
            return carrying.Joined.Append(carrying.Id).Select(Guid.Parse).Where(other => other != id);
        }

        void Seen(TriageCase decided)
        {
            foreach (var seen in decided.Joined.Append(decided.Id).Select(Guid.Parse))
            {
                unseen.Remove(seen);
                endangered.Remove(seen);
            }
        }

        async Task EachIsLookedAt(IReadOnlyList<Guid> known)
        {
            var cases = new Dictionary<string, TriageCase>();
            foreach (var id in known)
            {
                cases[id.ToString()] = await Get(id);
            }

            foreach (var one in cases.Values)
            {
                Assert.That(one.Joined.Where(joined => cases[joined].LinkedTo != one.Id), Is.Empty);
                if (one.LinkedTo.Length > 0)
                {
                    Assert.That(one.Status, Is.EqualTo("linked"));
                    Assert.That(Open, Does.Contain(cases[one.LinkedTo].Status));
                    Assert.That(cases[one.LinkedTo].Joined, Does.Contain(one.Id));
                }
                else if (!over.Contains(Guid.Parse(one.Id)))
                {
                    var group = one.Joined.Append(one.Id).Select(Guid.Parse).ToList();
                    var waits = one.DueBy is not null && await WaitsForCoordinator(Guid.Parse(one.Id));
                    var isAsked = one.Status == "awaitingInformation" && one.DueBy is not null && !group.Any(endangered.Contains);
                    var isDecided = one.Status == "routeDecided" && one.Route.Length > 0 && !group.Any(unseen.Contains);
                    Assert.That(waits || isAsked || isDecided, Is.True, $"{one.Status} {one.Route} due {one.DueBy}");
                }
            }
        }
    }

    private static async Task Tried(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition)
        {
            // A rule said no, which is an answer too.
        }
    }

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    private static string Matter() => $"matter{Guid.NewGuid():n}";

    private static ConsultationSubmitted Submitted(Guid id, string? matter) => new(
        id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, "sisa", "pirkanmaa", null, "fi", "13-15", ["substance.child-or-youth"], ["unclear", "changing-fast"], ["school"], [],
        "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, matter, new Dictionary<string, Guid>());

    private async Task<TriageCase> Get(Guid id) => await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, _coordinator);

    private async Task<bool> WaitsForCoordinator(Guid id) => await Scalar($"select data -> 'waitsForCoordinator' from ot.mt_doc_routingqueueentry where id = '{id}'") is "true";

    private async Task<TriageCase> Decide(Guid id, string route) =>
        await _cases.DecideRouteAsync(new DecideRouteRequest { Id = id.ToString(), Route = route, ReasonCode = "other" }, _coordinator);

    /// <summary>A request with danger: its two messages, the danger's own before the other or after it.</summary>
    private async Task Reported(Guid id, ConsultationSubmitted submitted, bool dangerFirst)
    {
        var danger = new ImmediateDangerReported(id, submitted.SubmittedAt, submitted);
        if (dangerFirst)
        {
            await Published(id, danger);
        }

        await Published(id, submitted);
        if (!dangerFirst)
        {
            await Published(id, danger);
        }
    }

    /// <summary>Says it, and returns when it has been dealt with.</summary>
    private async Task Published<T>(Guid id, T message)
        where T : class
    {
        var messageId = await Publish(_triage, id, message);
        await Eventually.Holds(async () => Assert.That(await Scalar($"select count(*) from ot.mt_doc_inboxentry where id like '%:{messageId:n}'"), Is.EqualTo(1L)));
    }

    private static async Task<Guid> Publish<T>(ServiceHost<Program> host, Guid id, T message)
        where T : class
    {
        var messageId = Guid.NewGuid();
        await host.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = messageId;
            context.Headers.Set("ot-stream-id", id.ToString());
        });
        return messageId;
    }

    private async Task<object?> Scalar(string sql)
    {
        await using var store = NpgsqlDataSource.Create(_triage.StoreConnectionString);
#pragma warning disable CA2100 // The tests' own text.
        await using var command = store.CreateCommand(sql);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
