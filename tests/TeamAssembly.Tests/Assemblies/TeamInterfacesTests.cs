using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Commands;
using OtPlatform.Contracts.ExpertPool;
using OtPlatform.Contracts.Intake;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Grpc;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Testing;
using Need = OtPlatform.Contracts.Triage.Need;

namespace OtPlatform.TeamAssembly.Tests.Assemblies;

/// <summary>otplatform.teamassembly.v1.Teams and its REST sibling on a real store and a real broker; the test stands in for Triage and the pool.</summary>
[TestFixture]
internal sealed partial class TeamInterfacesTests
{
    private static readonly Guid Social = Guid.Parse("00000000-0000-4000-8000-000000000101");
    private static readonly Guid Health = Guid.Parse("00000000-0000-4000-8000-000000000102");
    private static readonly Guid OtherHealth = Guid.Parse("00000000-0000-4000-8000-000000000103");

    private ServiceHost<Program> _service = null!;
    private OtherServices _others = null!;
    private GrpcChannel _channel = null!;
    private Teams.TeamsClient _teams = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _service = await ServiceHost<Program>.Start("teams_grpc");
        _others = await OtherServices.Of(_service, Topology.ExpertPoolReservation);
        _channel = GrpcChannel.ForAddress(_service.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _service.Server.CreateHandler() });
        _teams = new Teams.TeamsClient(_channel);
        foreach (var (expert, sector, county) in new[] { (Social, "social", "pirkanmaa"), (Health, "health", "pirkanmaa"), (OtherHealth, "health", "lappi") })
        {
            await _others.Send(new ExpertRegistered(
                expert, sector, "family-worker", "ot-sisa", "ownStaff", county, county == "lappi" ? "pohjoinen" : "sisa", null, sector == "social" ? ["substance.child-or-youth"] : [],
                ["fi"], ["virtual"], 40, new DateOnly(2026, 1, 1), null, true, DateTimeOffset.UnixEpoch));
        }

        var coordinator = await As("coordinator-sisa");
        await Eventually.Holds(async () => (await _teams.ProposeAsync(Proposal(), coordinator)).Members.Count == 2);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _others.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Test]
    public async Task R4_R5_a_decided_route_becomes_a_working_team_with_a_decline_in_between()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        var first = await Invited(matter, 2);
        var declined = first.Invitations.Single(invitation => invitation.ExpertId == Health.ToString());
        await _teams.DeclineInvitationAsync(new DeclineInvitationRequest { InvitationId = declined.Id, ReasonCode = "noTime" }, await As($"expert-{Health}"));
        Assert.That((await Command<ReleaseCapacity>()).GetProperty("expertId").GetGuid(), Is.EqualTo(Health));
        await Hold();

        var second = await Invited(matter, 2);
        foreach (var invitation in second.Invitations.Where(invitation => invitation.Status == "open"))
        {
            await _teams.AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = invitation.Id }, await As($"expert-{invitation.ExpertId}"));
            var confirm = await Command<ConfirmCapacity>();
            await _others.Send(new CapacityConfirmed(confirm.GetProperty("expertId").GetGuid(), confirm.GetProperty("reservationId").GetGuid(), matter, DateTimeOffset.UnixEpoch));
        }

        var working = await Reached(matter, "working");
        var explained = await _teams.ExplainAsync(new GetTeamRequest { Id = matter.ToString() }, await As("coordinator-sisa"));
        Assert.Multiple(() =>
        {
            Assert.That(working.Members.Select(member => member.Role), Is.EqualTo(new[] { "responsibleWorker", "expert", "expert" }));
            Assert.That(working.Members.Skip(1).Select(member => member.ExpertId), Is.EquivalentTo(new[] { Social.ToString(), OtherHealth.ToString() }));
            Assert.That(explained.Optimal, Is.True);
            Assert.That(explained.Alternatives.Single(other => other.ExpertId == Health.ToString()).Lost.Select(lost => lost.Reason), Does.Contain("declinedBefore"));
        });
    }

    [Test]
    public async Task A_repeated_answer_changes_nothing_and_nobody_else_may_give_it()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        var invitation = (await Invited(matter, 2)).Invitations.Single(open => open.ExpertId == Social.ToString());
        var accept = new AcceptInvitationRequest { InvitationId = invitation.Id };
        var once = await _teams.AcceptInvitationAsync(accept, await As($"expert-{Social}"));
        var twice = await _teams.AcceptInvitationAsync(accept, await As($"expert-{Social}"));
        await Command<ConfirmCapacity>();
        var foreign = await Refused(async () => await _teams.AcceptInvitationAsync(accept, await As($"expert-{Health}")));
        var late = await Refused(async () => await _teams.DeclineInvitationAsync(new DeclineInvitationRequest { InvitationId = invitation.Id, ReasonCode = "absent" }, await As($"expert-{Social}")));
        Assert.Multiple(() =>
        {
            Assert.That(twice.Version, Is.EqualTo(once.Version));
            Assert.That(foreign.StatusCode, Is.EqualTo(StatusCode.NotFound));
            Assert.That(late.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
            Assert.That(GrpcProblems.CodeOf(late), Is.EqualTo("team-assembly.invitation-accepted"));
        });
    }

    [Test]
    public async Task What_one_may_not_see_is_not_found()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        var get = new GetTeamRequest { Id = matter.ToString() };
        foreach (var client in new[] { "coordinator-ita", $"expert-{OtherHealth}", "receiver-somewhere" })
        {
            Assert.That((await Refused(async () => await _teams.GetAsync(get, await As(client)))).StatusCode, Is.EqualTo(StatusCode.NotFound), client);
        }

        var own = await _teams.GetAsync(get, await As($"expert-{Social}"));
        Assert.That(own.Invitations.Select(invitation => invitation.ExpertId), Is.EqualTo(new[] { Social.ToString() }), "An expert sees nobody else's invitation.");
        Assert.That((await _teams.GetAsync(get, await As("integrator"))).Invitations, Has.Count.EqualTo(2));
        Assert.That((await Refused(async () => await _teams.GetAsync(get, await As("partner-pirkanmaa")))).StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That((await Refused(async () => await _teams.GetAsync(get))).StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
    }

    [Test]
    public async Task A_withdrawal_gives_every_hour_back()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        await _others.Send(new ConsultationWithdrawn(matter, DateTimeOffset.UnixEpoch));
        var freed = new[] { await Command<ReleaseCapacity>(), await Command<ReleaseCapacity>() };
        Assert.That(freed.Select(command => command.GetProperty("expertId").GetGuid()), Is.EquivalentTo(new[] { Social, Health }));
        Assert.That((await Reached(matter, "cancelled")).Invitations.Select(invitation => invitation.Status), Is.All.EqualTo("withdrawn"));
    }

    [Test]
    public async Task G9_12_a_request_that_was_decided_apart_and_linked_later_has_no_team_of_its_own_and_gets_none_by_hand()
    {
        var (matter, lead) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        await _others.Send(new CasesLinked(matter, matter, "sisa", lead, "coordinator-sisa", "sameMatter", TimeProvider.System.GetUtcNow()));
        var freed = new[] { await Command<ReleaseCapacity>(), await Command<ReleaseCapacity>() };
        Assert.That(freed.Select(command => (command.GetProperty("expertId").GetGuid(), command.GetProperty("reasonCode").GetString())), Is.EquivalentTo(new[] { (Social, "linked"), (Health, "linked") }));
        await Reached(matter, "cancelled");
        var byHand = new InviteRequest { Id = matter.ToString(), ExpertId = Health.ToString(), Needs = { "sector:health" } };
        var refused = await Refused(async () => await _teams.InviteAsync(byHand, await As("coordinator-sisa")));
        Assert.That((refused.StatusCode, GrpcProblems.CodeOf(refused)), Is.EqualTo((StatusCode.FailedPrecondition, "team-assembly.matter-linked")));
    }

    [Test]
    public async Task R8_the_end_of_the_consent_gives_every_hour_back_and_the_invited_see_nothing_more()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        var get = new GetTeamRequest { Id = matter.ToString() };
        Assert.That((await _teams.GetAsync(get, await As($"expert-{Social}"))).Id, Is.EqualTo(matter.ToString()));
        await _others.Send(new ConsentEnded(matter, "withdrawn", true, TimeProvider.System.GetUtcNow()));
        var freed = new[] { await Command<ReleaseCapacity>(), await Command<ReleaseCapacity>() };
        Assert.That(freed.Select(command => command.GetProperty("reasonCode").GetString()), Is.All.EqualTo("consentEnded"));
        await Reached(matter, "cancelled");
        Assert.That((await Refused(async () => await _teams.GetAsync(get, await As($"expert-{Social}")))).StatusCode, Is.EqualTo(StatusCode.NotFound));
    }

    [Test]
    public async Task R1_a_route_after_a_reopening_is_staffed_also_when_the_withdrawal_comes_last()
    {
        var matter = Guid.CreateVersion7();
        var (withdrawn, reopened) = (TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddMinutes(1));
        await _others.Send(new CaseReassessed(matter, matter, "sisa", false, "default.1", reopened, reopened.AddDays(1), reopened));
        await Eventually.Holds(async () => Assert.That((await _teams.GetAsync(new GetTeamRequest { Id = matter.ToString() }, await As("integrator"))).Id, Is.EqualTo(matter.ToString())));
        await _others.Send(new ConsultationWithdrawn(matter, withdrawn));
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
    }

    [Test]
    public async Task Silence_has_an_end()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        try
        {
            _service.MoveClock(TimeSpan.FromDays(5));
            Assert.That((await Command<ReleaseCapacity>()).GetProperty("reasonCode").GetString(), Is.EqualTo("expired"));
            await Eventually.Holds(async () => Assert.That((await Get(matter)).Invitations.Count(invitation => invitation.Status == "expired"), Is.EqualTo(2)));
        }
        finally
        {
            _service.MoveClock(TimeSpan.Zero);
        }
    }

    [Test]
    public async Task A_watch_resumes_after_its_position_without_a_loss_or_a_repeat()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        var all = await Watched(0, matter, 4);
        var rest = await Watched(all[1].Position, matter, 2);
        Assert.Multiple(() =>
        {
            Assert.That(all.Select(change => change.What), Is.EqualTo(new[] { "AssemblyStarted", "TeamComposed", "ExpertInvited", "ExpertInvited" }));
            Assert.That(rest.Select(change => change.Position), Is.EqualTo(all.Skip(2).Select(change => change.Position)));
            Assert.That(rest.Select(change => change.InvitationId), Is.Unique.And.None.Empty);
        });
    }

    [TestCase("not-an-id")]
    [TestCase("")]
    public async Task A_malformed_id_is_named_by_its_field(string id)
    {
        var refused = await Refused(async () => await _teams.GetAsync(new GetTeamRequest { Id = id }, await As("coordinator-sisa")));
        Assert.That(refused.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(refused.Status.Detail, Does.Contain("id"));
    }

    [Test]
    public void Every_message_has_its_texts_in_Finnish_and_Swedish() => MessagesIn.AreAllTranslated(typeof(Program).Assembly, 30);

    [TestCase("fi", "Tälle konsultaatiolle ei etsitä ketään.", "Ketään ei tarvitse nyt pyytää käsin.")]
    [TestCase("sv-FI", "Ingen söks för denna konsultation.", "Ingen behöver tillfrågas för hand nu.")]
    [TestCase("", "Nobody is being sought for this consultation.", "Nobody has to be asked by hand now.")]
    public async Task A_refusal_is_in_the_callers_language(string language, string unknown, string notByHand)
    {
        var caller = await As("coordinator-sisa");
        var spoken = new Metadata();
        foreach (var entry in language.Length == 0 ? caller : [.. caller, new Metadata.Entry("accept-language", language)])
        {
            spoken.Add(entry);
        }

        Assert.That((await Refused(async () => await _teams.GetAsync(new GetTeamRequest { Id = Guid.NewGuid().ToString() }, spoken))).Status.Detail, Is.EqualTo(unknown));
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        var byHand = new InviteRequest { Id = matter.ToString(), ExpertId = OtherHealth.ToString(), Needs = { "sector:health" } };
        Assert.That((await Refused(async () => await _teams.InviteAsync(byHand, spoken))).Status.Detail, Is.EqualTo(notByHand));
    }

    [Test]
    public async Task A_dry_run_refuses_what_it_can_not_compose()
    {
        async Task<StatusCode> Of(Action<ProposeRequest> change)
        {
            var proposal = Proposal();
            change(proposal);
            return (await Refused(async () => await _teams.ProposeAsync(proposal, await As("coordinator-sisa")))).StatusCode;
        }

        Assert.Multiple(async () =>
        {
            Assert.That(await Of(proposal => proposal.County = "atlantis"), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(await Of(proposal => proposal.Needs.Clear()), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(await Of(proposal => proposal.Needs[0].Weeks = 0), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(await Of(proposal => proposal.Needs[0].WeeklyHours = double.NaN), Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(await Of(proposal => proposal.Needs.Add(proposal.Needs[0].Clone())), Is.EqualTo(StatusCode.InvalidArgument));
        });
    }

    private static ProposeRequest Proposal() => new()
    {
        County = "pirkanmaa",
        Language = "fi",
        Channel = "virtual",
        Needs =
        {
            new Protos.TeamAssembly.V1.Need { Kind = "topic", Code = "substance.child-or-youth", WeeklyHours = 2, Weeks = 12 },
            new Protos.TeamAssembly.V1.Need { Kind = "sector", Code = "health", WeeklyHours = 2, Weeks = 12 },
        },
    };

    private static async Task<RpcException> Refused(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (RpcException refused)
        {
            return refused;
        }

        throw new AssertionException("The call was not refused.");
    }

    [Test]
    public async Task R8_an_erasure_takes_the_worker_s_reference_out_of_the_assembly_for_good()
    {
        var (matter, refs) = (Guid.CreateVersion7(), new[] { $"sw-{Guid.NewGuid():n}", $"sw-{Guid.NewGuid():n}" });
        await Decide(matter, refs[0]);
        await Hold();
        await Hold();
        await Invited(matter, 2);
        await _others.Send(new ResponsibleWorkerChanged(matter, "own-worker", refs[1], TimeProvider.System.GetUtcNow()));
        await Eventually.Holds(async () => Assert.That(await StoredText.Found(_service.StoreConnectionString, refs), Has.Count.EqualTo(2)));

        await _others.Send(new ConsultationErased(matter, TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(30)));
        await Reached(matter, "cancelled");
        Assert.That(await StoredText.Found(_service.StoreConnectionString, refs), Is.Empty);

        var late = Guid.CreateVersion7();
        await Decide(matter, refs[0], late);
        await Eventually.Holds(async () => Assert.That(await StoredText.Has(_service.StoreConnectionString, $"{late:n}"), Is.True));
        await Reached(matter, "cancelled");
        Assert.That(await StoredText.Found(_service.StoreConnectionString, refs), Is.Empty);
    }

    [Test]
    public async Task R10_an_answer_of_the_pool_about_an_assembly_that_is_not_known_waits_until_it_is()
    {
        var matter = Guid.CreateVersion7();
        await Decide(matter);
        await Hold();
        var request = (await Command<ReserveCapacity>()).Deserialize<ReserveCapacity>(JsonSerializerOptions.Web)!;
        await Run($"create table ot.kept as select * from ot.mt_doc_assemblyview where id = '{matter}'");
        await Run($"delete from ot.mt_doc_assemblyview where id = '{matter}'");
        await _service.Services.GetRequiredService<IBus>().Publish(
            new CapacityReserved(request.ExpertId, request.ReservationId, matter, request.Round, request.Weeks, request.LapsesAt, request.RequestedAt),
            context =>
            {
                context.Headers.Set("ot-source", "expert-pool");
                context.Headers.Set("ot-relay", "relay");
                context.Headers.Set("ot-stream-id", request.ReservationId.ToString());
                context.Headers.Set("ot-stream-version", 1L);
                context.Headers.Set("ot-previous-versions", $"{Topology.TeamAssemblyExpert}=0");
            });
        await Eventually.Holds(async () => Assert.That(await Run($"select data ->> 'reason' from ot.mt_doc_parkedmessage where data ->> 'streamId' = '{request.ReservationId}'"), Is.EqualTo("too-early")));
        await Run("insert into ot.mt_doc_assemblyview select * from ot.kept");
        await Invited(matter, 2);
    }

    private async Task<object?> Run(string sql)
    {
        await using var store = NpgsqlDataSource.Create(_service.StoreConnectionString);
#pragma warning disable CA2100 // The tests' own text.
        await using var command = store.CreateCommand(sql);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    private Task Decide(Guid matter, string worker = "sw-1", Guid? messageId = null) => _others.Send(new RouteDecided(
        matter, matter, "sisa", Route.HybridTeam, [Ground.Complexity],
        [new Need("topic", "substance.child-or-youth", 2, 12, false, "virtual", "fi"), new Need("sector", "health", 2, 12, false, "virtual", "fi")],
        false, false, ["social", "health"], "default.1", "coordinator-sisa", null, TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(14),
        new MatterFacts(ConsultationKind.ClientWork, "pirkanmaa", "fi", Urgency.Soon, Guid.Empty, "family-worker", "responsible-social-worker", worker, "consent", null)), messageId);

    /// <summary>Answers the next request for hours as the pool does when they are free.</summary>
    private async Task Hold()
    {
        var request = (await Command<ReserveCapacity>()).Deserialize<ReserveCapacity>(JsonSerializerOptions.Web)!;
        await _others.Send(new CapacityReserved(request.ExpertId, request.ReservationId, request.AssemblyId, request.Round, request.Weeks, request.LapsesAt, request.RequestedAt));
    }

    private Task<JsonElement> Command<T>() => _others.Next(typeof(T).Name);

    private async Task<Team> Get(Guid matter) => await _teams.GetAsync(new GetTeamRequest { Id = matter.ToString() }, await As("coordinator-sisa"));

    private async Task<Team> Invited(Guid matter, int open)
    {
        await Eventually.Holds(async () => Assert.That((await Get(matter)).Invitations.Count(invitation => invitation.Status == "open"), Is.EqualTo(open)));
        return await Get(matter);
    }

    private async Task<Team> Reached(Guid matter, string status)
    {
        await Eventually.Holds(async () => Assert.That((await Get(matter)).Status, Is.EqualTo(status)));
        return await Get(matter);
    }

    [TestCase(-1)]
    [TestCase(long.MaxValue)]
    public async Task A_position_that_nobody_can_have_seen_is_refused(long position)
    {
        var coordinator = await As("coordinator-sisa");
        Calls.Refused(
            async () =>
            {
                using var watch = _teams.Watch(new WatchTeamsRequest { AfterPosition = position }, coordinator);
                await watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
            },
            StatusCode.InvalidArgument,
            "platform.invalid-input");
    }

    private async Task<List<TeamChange>> Watched(long after, Guid matter, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var watch = _teams.Watch(new WatchTeamsRequest { AfterPosition = after }, await As("coordinator-sisa"), cancellationToken: limit.Token);
        var seen = new List<TeamChange>();
        await foreach (var change in watch.ResponseStream.ReadAllAsync(limit.Token))
        {
            if (change.Team.Id == matter.ToString())
            {
                seen.Add(change);
            }

            if (seen.Count == count)
            {
                break;
            }
        }

        return seen;
    }

    private async Task<Metadata> As(string client)
    {
        using var http = await _service.ClientFor(client);
        return new Metadata { { "authorization", http.DefaultRequestHeaders.Authorization!.ToString() } };
    }
}
