using System.Net;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Testing;

namespace OtPlatform.EndToEnd.Tests.Traces;

/// <summary>One request is one trace through all services, when those who react to a change take its trace context along; and no case text is in it.</summary>
[TestFixture]
internal sealed class OneTraceTests
{
    private const string Register = "integrator";
    private const string Publication = "publish TeamActivated";
    private static readonly string[] Words = ["sinivuokko-kysymys", "sinivuokko-yritys", "sinivuokko-vahvuus", "sinivuokko-lapsi", "sinivuokko-tulos"];
    private static readonly string[] Services = ["otplatform-intake", "otplatform-triage", "otplatform-team-assembly", "otplatform-expert-pool", "otplatform-coordination"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ExportLimit = TimeSpan.FromSeconds(60);

    private Collector _collector = null!;
    private RunningSystem _system = null!;
    private GrpcChannel _queues = null!;
    private GrpcChannel _teams = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _collector = await Collector.Start();
        _system = await RunningSystem.Start(settings: new Dictionary<string, string>
        {
            ["Telemetry__OtlpEndpoint"] = _collector.Address,
            ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        });
        using var limit = new CancellationTokenSource(Patience);
        await _system.LoadPool(limit.Token);
        _queues = GrpcChannel.ForAddress(_system.Endpoints.Grpc["coordination"]);
        _teams = GrpcChannel.ForAddress(_system.Endpoints.Grpc["teamAssembly"]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _queues.Dispose();
        _teams.Dispose();
        await _system.DisposeAsync();
        await _collector.DisposeAsync();
    }

    [Test]
    public async Task From_the_request_to_the_work_of_its_team_everything_is_one_trace()
    {
        using var limit = new CancellationTokenSource(Patience);
        var id = await Submit("01-substance-youth", "pirkanmaa", _ => { });
        await ConfirmRoute(id, "coordinator-sisa", limit.Token);
        await Follow(id, "TeamActivated", limit.Token);

        await Eventually.Holds(
            () =>
            {
                var first = _collector.Spans.Single(span => span.Name == "POST /v1/consultations" && span.Service == "otplatform-intake");
                var trace = _collector.Spans.Where(span => span.Trace == first.Trace).ToList();
                var ids = trace.Select(span => span.Id).ToHashSet();
                Assert.That(first.Parent, Is.Empty);
                Assert.That(trace.Any(span => span is { Service: "otplatform-team-assembly", Name: Publication }), Is.True, "The team's start is not in the trace.");
                Assert.That(Services.Except(trace.Select(span => span.Service)), Is.Empty, "Services without a span in the trace.");
                Assert.That(trace.Where(span => span != first && !ids.Contains(span.Parent)), Is.Empty, "Spans whose parent is not in the trace.");
            },
            ExportLimit);
    }

    [Test]
    public async Task No_words_of_a_case_are_in_anything_that_leaves_as_telemetry_or_log()
    {
        using var limit = new CancellationTokenSource(Patience);
        var id = await Submit("02-forensic-rare", "kainuu", body =>
        {
            body["question"] = Words[0];
            body["triedSoFar"] = new JsonArray(new JsonObject { ["what"] = Words[1], ["with"] = Words[1], ["result"] = Words[1] });
            body["strengths"] = Words[2];
            body["childsView"] = Words[3];
        });
        await ConfirmRoute(id, "coordinator-pohjoinen", limit.Token);
        await Follow(id, "ConsultationAnswered", limit.Token);

        await Eventually.Holds(() => _collector.Spans.Any(span => span.Name == "publish ConsultationAnswered"), ExportLimit);
        var metrics = _collector.Exports("metrics");
        await Eventually.Holds(() => _collector.Exports("metrics") > metrics + Services.Length, ExportLimit);
        Assert.Multiple(() =>
        {
            Assert.That(_collector.Has("publish ConsultationAnswered"), Is.True, "Words that are there would not be found.");
            Assert.That(Words.Where(_collector.Has), Is.Empty);
            Assert.That(Words.Where(_system.Logs().Contains), Is.Empty);
        });
    }

    private async Task<Guid> Submit(string sample, string county, Action<JsonObject> change)
    {
        using var partner = await _system.ClientOf("intake", $"partner-{county}");
        using var answer = await partner.Submit(Calls.Sample(change, sample));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return (await answer.Json())["id"]!.GetValue<Guid>();
    }

    /// <summary>The coordinator sees the recommendation in the queue, and confirms it within the trace of what was seen.</summary>
    private async Task ConfirmRoute(Guid id, string coordinator, CancellationToken cancellation)
    {
        var assessed = await Seen(id, cancellation);
        using var client = await _system.ClientOf("triage", coordinator);
        using var read = await client.GetAsync(new Uri($"/v1/cases/{id}", UriKind.Relative), cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/cases/{id}/route") { Content = System.Net.Http.Json.JsonContent.Create(new { route = assessed.Entry.RecommendedRoute }) };
        request.Headers.TryAddWithoutValidation("If-Match", read.Headers.ETag!.ToString());
        request.Headers.Add("traceparent", assessed.Traceparent);
        using var confirmed = await client.SendAsync(request, cancellation);
        Assert.That(confirmed.StatusCode, Is.EqualTo(HttpStatusCode.OK), await confirmed.Content.ReadAsStringAsync(cancellation));
    }

    private async Task<QueueChange> Seen(Guid id, CancellationToken cancellation)
    {
        using var watch = new Queues.QueuesClient(_queues).Watch(new WatchQueuesRequest(), await As(Register), cancellationToken: cancellation);
        await foreach (var change in watch.ResponseStream.ReadAllAsync(cancellation))
        {
            if (change.What == "CaseAssessed" && change.Entry.ConsultationId == id.ToString())
            {
                return change;
            }
        }

        throw new InvalidOperationException("The queues were no longer watched.");
    }

    /// <summary>Experts accept and answer, each within the trace of the change that they react to, until the last one has happened.</summary>
    private async Task Follow(Guid id, string last, CancellationToken cancellation)
    {
        var teams = new Teams.TeamsClient(_teams);
        using var watch = teams.Watch(new WatchTeamsRequest(), await As(Register), cancellationToken: cancellation);
        await foreach (var change in watch.ResponseStream.ReadAllAsync(cancellation))
        {
            if (change.Team.Id != id.ToString())
            {
                continue;
            }

            if (change.What == "ExpertInvited")
            {
                var expert = change.Team.Invitations.Single(invitation => invitation.Id == change.InvitationId).ExpertId;
                await teams.AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = change.InvitationId }, await As($"expert-{expert}", change.Traceparent), cancellationToken: cancellation);
            }
            else if (change.What == "ConsultationArranged")
            {
                await teams.AnswerConsultationAsync(new AnswerConsultationRequest { Id = change.Team.Id, Text = Words[4] }, await As($"expert-{change.Team.Members.Single().ExpertId}", change.Traceparent), cancellationToken: cancellation);
            }

            if (change.What == last)
            {
                return;
            }
        }
    }

    private async Task<Metadata> As(string client, string? traceparent = null)
    {
        var metadata = new Metadata { { "authorization", $"Bearer {await _system.Token(client)}" } };
        if (traceparent is not null)
        {
            metadata.Add("traceparent", traceparent);
        }

        return metadata;
    }
}
