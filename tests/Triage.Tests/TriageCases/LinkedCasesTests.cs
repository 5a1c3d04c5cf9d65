using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.TriageCases;

/// <summary>One open case for a matter (C-34), on a real store and a real broker, with two replicas of the service.</summary>
[TestFixture]
internal sealed class LinkedCasesTests
{
    private const int Matters = 12;
    private const int Stories = 25;
    private static readonly string[] Open = ["awaitingConfirmation", "held", "awaitingInformation", "routeDecided"];

    private ServiceHost<Program> _triage = null!;
    private ServiceHost<Program> _second = null!;
    private GrpcChannel _channel = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;
    private Metadata _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_linked");
        _second = await ServiceHost<Program>.Start("triage_linked_second", _triage.Settings);
        _channel = _triage.OpenChannel();
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
        _coordinator = await _triage.TokenOf("coordinator-sisa");
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
        var pairs = Enumerable.Range(0, Matters).Select(_ => (Matter: Matter(), One: Guid.CreateVersion7(), Other: Guid.CreateVersion7())).ToList();
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

        var matters = string.Join("','", pairs.Select(pair => pair.Matter));
        Assert.That(await Scalar($"select count(*) from ot.mt_doc_openmatter where id in ('{matters}')"), Is.EqualTo((long)Matters));
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

    [TestCase("anonymous")]
    [TestCase("ended")]
    public async Task R8_nobody_is_linked_without_a_legal_basis(string basis)
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Published(first, Submitted(first, null));
        await Published(second, Submitted(second, null) with { LegalBasisType = basis });
        Calls.Refused(async () => await _cases.LinkCasesAsync(new LinkCasesRequest { Id = second.ToString(), LeadId = first.ToString(), ReasonCode = "other" }, _coordinator), StatusCode.FailedPrecondition, "triage.legal-basis-needed");
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
        var words = Gen.ListOf(Gen.Choose(0, 32), 10);
        Prop.ForAll(words.ToArbitrary(), story => Told([.. story]).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(Stories));
    }

    private async Task Told(IReadOnlyList<int> story)
    {
        var (matter, ids) = (Matter(), Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList());
        foreach (var id in ids)
        {
            await Published(id, Submitted(id, matter));
        }

        foreach (var word in story)
        {
            var (id, at) = (ids[word % 3], Now);
            await (Task)((word / 3) switch
            {
                0 => Published(id, new ConsultationWithdrawn(id, at)),
                1 => Published(id, new ConsultationReopened(id, Guid.NewGuid(), at)),
                2 => Published(id, new ConsultationClosed(id, "confirmed", at)),
                3 => Published(id, new ConsentEnded(id, "withdrawn", true, at)),
                4 => Published(id, new ConsentRecorded(id, null, at)),
                5 => Published(id, new InformationAdded(id, at, 3, null, ["unclear", "diverse"], null, false, "statutory", null, new Dictionary<string, Guid>())),
                6 => Published(id, new AnswerObjected(id, null, at)),
                7 => Published(id, new SafetyReported(id, word % 2 == 0, true, Urgency.Urgent, new Dictionary<string, Guid>(), at)),
                8 => Tried(() => Decide(id, "basicSupportGuidance")),
                9 => Tried(async () => await _cases.UnlinkCaseAsync(new UnlinkCaseRequest { Id = id.ToString(), ReasonCode = "other" }, _coordinator)),
                _ => Tried(async () => await _cases.LinkCasesAsync(new LinkCasesRequest { Id = id.ToString(), LeadId = ids[(word + 1) % 3].ToString(), ReasonCode = "other" }, _coordinator)),
            });
            var cases = new Dictionary<string, TriageCase>();
            foreach (var known in ids)
            {
                cases[known.ToString()] = await Get(known);
            }

            foreach (var known in cases.Values)
            {
                if (known.LinkedTo.Length > 0)
                {
                    Assert.That(known.Status, Is.EqualTo("linked"));
                    Assert.That(Open, Does.Contain(cases[known.LinkedTo].Status));
                    Assert.That(cases[known.LinkedTo].Joined, Does.Contain(known.Id));
                }
                else
                {
                    Assert.That(known.Status, Is.Not.EqualTo("linked"));
                    Assert.That(known.Status == "closed" || known.Route.Length > 0 || known.DueBy is not null, Is.True, known.Status);
                }

                Assert.That(known.Joined.Where(joined => cases[joined].LinkedTo != known.Id), Is.Empty);
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
