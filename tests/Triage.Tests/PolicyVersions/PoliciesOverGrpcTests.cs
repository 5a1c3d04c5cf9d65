using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Protos.Triage.V1;
using OtPlatform.Testing;

namespace OtPlatform.Triage.Tests.PolicyVersions;

/// <summary>otplatform.triage.v1.Policies against a real store and a real broker, each test in an area or a service of its own.</summary>
[TestFixture]
internal sealed class PoliciesOverGrpcTests
{
    private const string Never = """{ "triage": { "confirmation": "never" } }""";

    private ServiceHost<Program> _triage = null!;
    private GrpcChannel _channel = null!;
    private Protos.Triage.V1.Policies.PoliciesClient _policies = null!;
    private Protos.Triage.V1.TriageCases.TriageCasesClient _cases = null!;

    [SetUp]
    public async Task Start()
    {
        _triage = await ServiceHost<Program>.Start("triage_policies");
        _channel = _triage.OpenChannel();
        _policies = new Protos.Triage.V1.Policies.PoliciesClient(_channel);
        _cases = new Protos.Triage.V1.TriageCases.TriageCasesClient(_channel);
    }

    [TearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _triage.DisposeAsync();
    }

    [Test]
    public async Task The_shipped_defaults_are_version_1_and_an_area_has_none_of_its_own()
    {
        var coordinator = await _triage.TokenOf("coordinator-sisa");
        var defaults = await _policies.GetAsync(new GetPolicyRequest { Code = "default" }, coordinator);
        var own = await _policies.GetAsync(new GetPolicyRequest { Code = "sisa" }, coordinator);
        Assert.Multiple(() =>
        {
            Assert.That((defaults.InForce, defaults.DocumentVersion, defaults.Versions.Single().PublishedBy), Is.EqualTo(("default.1", 1, "platform")));
            Assert.That(JsonNode.Parse(defaults.DocumentJson)!["rows"]!.AsArray(), Has.Count.EqualTo(7));
            Assert.That((own.InForce, own.DocumentJson, own.Versions.Count), Is.EqualTo(("default.1", "", 0)));
        });
    }

    [Test]
    public async Task What_is_published_holds_for_new_cases_only()
    {
        var before = await Opened();
        var editor = await _triage.TokenOf("leadership-sisa");
        var published = await Publish(editor, "sisa", Never);
        var after = await Opened();
        Assert.Multiple(() =>
        {
            Assert.That((published.InForce, published.DocumentVersion, published.Draft), Is.EqualTo(("default.1+sisa.1", 1, (PolicyDraft?)null)));
            Assert.That((published.Versions.Single().PublishedBy, published.Versions[0].ReasonCode), Is.EqualTo(("leadership-sisa", "trial")));
            Assert.That(before.Status, Is.EqualTo("awaitingConfirmation"));
            Assert.That(after.Status, Is.EqualTo("routeDecided"), "Nobody has to confirm under the new version.");
        });
        Assert.That((await Explained(after)).PolicyVersion, Is.EqualTo("default.1+sisa.1"));

        await Tell(new InformationAdded(Guid.Parse(before.Id), DateTimeOffset.UtcNow, 2, null, null, null, false, null, null, new Dictionary<string, Guid>()), Guid.Parse(before.Id));
        var coordinator = await _triage.TokenOf("coordinator-sisa");
        await Eventually.Holds(async () => (await _cases.ExplainAsync(new GetCaseRequest { Id = before.Id }, coordinator)).Assessments.Count == 2);
        Assert.That((await Explained(before)).PolicyVersion, Is.EqualTo("default.1"), "A case is weighed by the policy that it began with.");
        Assert.That((await _cases.GetAsync(new GetCaseRequest { Id = before.Id }, coordinator)).Status, Is.EqualTo("awaitingConfirmation"));
    }

    [Test]
    public async Task A_planned_version_waits_for_its_day_and_can_be_replaced_for_that_day()
    {
        var editor = await _triage.TokenOf("leadership-sisa");
        var day = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(30);
        var planned = await Publish(editor, "sisa", Never, day);
        var replaced = await Publish(editor, "sisa", """{ "triage": { "confirmation": "whenUnclear" } }""", day);
        var old = await _policies.GetAsync(new GetPolicyRequest { Code = "sisa", Version = 1 }, editor);
        Assert.Multiple(() =>
        {
            Assert.That(planned.InForce, Is.EqualTo("default.1"));
            Assert.That((replaced.InForce, replaced.Versions.Count), Is.EqualTo(("default.1", 2)));
            Assert.That(JsonNode.Parse(old.DocumentJson)!["triage"]!["confirmation"]!.GetValue<string>(), Is.EqualTo("never"));
        });
    }

    [Test]
    public async Task A_faulty_draft_is_kept_but_not_published_and_its_faults_are_listed()
    {
        var editor = await _triage.TokenOf("leadership-sisa");
        var draft = (await _policies.DraftAsync(new DraftPolicyRequest { Code = "sisa", DocumentJson = """{ "team": { "maxMembers": 0 } }""", ReasonCode = "other" }, editor)).Draft;
        var faults = await _policies.ValidateAsync(new ValidatePolicyRequest { Code = "sisa" }, editor);
        Assert.That(faults.Faults.Select(fault => fault.Path), Is.EqualTo(new[] { "$.team.maxMembers" }));
        Calls.Refused(() => Publish(editor, draft), StatusCode.FailedPrecondition, "triage.policy-faulty");
        Calls.Refused(async () => await WhatIf(editor, ""), StatusCode.FailedPrecondition, "triage.policy-faulty");
        Assert.That((await _policies.ValidateAsync(new ValidatePolicyRequest { Code = "sisa", DocumentJson = Never }, editor)).Faults, Is.Empty);
    }

    [Test]
    public async Task Bad_input_names_its_field()
    {
        var editor = await _triage.TokenOf("leadership-sisa");
        Calls.Refused(async () => await _policies.GetAsync(new GetPolicyRequest { Code = "nowhere" }, editor), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _policies.GetAsync(new GetPolicyRequest { Code = "sisa", Version = 9 }, editor), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _policies.DraftAsync(new DraftPolicyRequest { Code = "sisa", DocumentJson = "{", ReasonCode = "other" }, editor), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _policies.DraftAsync(new DraftPolicyRequest { Code = "sisa", DocumentJson = Never, ReasonCode = "because" }, editor), StatusCode.FailedPrecondition, "triage.policy-reason-unknown");
        Calls.Refused(async () => await _policies.ValidateAsync(new ValidatePolicyRequest { Code = "sisa" }, editor), StatusCode.FailedPrecondition, "triage.policy-not-drafted");
        var draft = (await _policies.DraftAsync(new DraftPolicyRequest { Code = "sisa", DocumentJson = Never, ReasonCode = "other" }, editor)).Draft;
        Calls.Refused(async () => await _policies.PublishAsync(new PublishPolicyRequest { Code = "sisa", DraftId = draft.Id, EffectiveFrom = "soon" }, editor), StatusCode.InvalidArgument, "platform.invalid-input");
        Calls.Refused(async () => await _policies.PublishAsync(new PublishPolicyRequest { Code = "sisa", DraftId = draft.Id, EffectiveFrom = "2026-01-01" }, editor), StatusCode.FailedPrecondition, "triage.policy-in-past");
        Calls.Refused(async () => await _policies.PublishAsync(new PublishPolicyRequest { Code = "sisa", DraftId = draft.Id, EffectiveFrom = Today(), ExpectedVersion = 7 }, editor), StatusCode.Aborted, "platform.stale-version");
    }

    [Test]
    public async Task An_editor_changes_the_own_areas_policy_and_only_an_editor_of_no_area_the_defaults()
    {
        var elsewhere = await _triage.TokenOf("leadership-lansi");
        var coordinator = await _triage.TokenOf("coordinator-sisa");
        var operations = await _triage.TokenOf("operator");
        var partner = await _triage.TokenOf("partner-pirkanmaa");
        StatusCode Status(string code, Metadata token)
        {
            try
            {
                _policies.Draft(new DraftPolicyRequest { Code = code, DocumentJson = Never, ReasonCode = "other" }, token);
                return StatusCode.OK;
            }
            catch (RpcException refused)
            {
                return refused.StatusCode;
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(Status("sisa", elsewhere), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Status("default", elsewhere), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Status("sisa", coordinator), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Status("sisa", operations), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Status("default", operations), Is.EqualTo(StatusCode.OK));
            Assert.That(Status("lansi", elsewhere), Is.EqualTo(StatusCode.OK));
            Assert.That(() => _policies.Get(new GetPolicyRequest { Code = "sisa" }, partner), Throws.InstanceOf<RpcException>().With.Property("StatusCode").EqualTo(StatusCode.PermissionDenied));
        });
    }

    [Test]
    public async Task Another_policy_is_tried_on_all_past_cases_of_the_area_and_changes_none()
    {
        var cases = new List<TriageCase>();
        for (var one = 0; one < 3; one++)
        {
            cases.Add(await Opened());
        }

        await Opened("sisa", "substance.child-or-youth", marks: ["rare"]);
        await Opened("lansi");
        var editor = await _triage.TokenOf("leadership-sisa");
        var unchanged = await WhatIf(editor, "{}");
        var changed = await WhatIf(editor, Rows("serviceGap"));
        Assert.Multiple(() =>
        {
            Assert.That((unchanged.Cases, unchanged.Done, unchanged.Changed, unchanged.Finished), Is.EqualTo((4L, 4L, 0L, true)), "Replaying the same policy changes nothing.");
            Assert.That((changed.Cases, changed.Done, changed.Changed), Is.EqualTo((4L, 4L, 4L)));
            Assert.That(changed.Changes.Select(change => (change.Area, change.From, change.To, change.Cases)), Is.EqualTo(new[] { ("sisa", "hybridTeam", "serviceGap", 3L), ("sisa", "expertConsultation", "serviceGap", 1L) }));
            Assert.That(changed.Changes[0].Examples, Is.EquivalentTo(cases.Select(one => one.Id)));
        });
        var coordinator = await _triage.TokenOf("coordinator-sisa");
        Assert.That((await _cases.GetAsync(new GetCaseRequest { Id = cases[0].Id }, coordinator)).Version, Is.EqualTo(cases[0].Version));
    }

    [Test]
    public async Task New_defaults_are_tried_on_every_area_and_name_no_case()
    {
        await Opened();
        await Opened("lansi");
        var defaults = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.CataloguePath, "policies", "default.json")))!;
        defaults["rows"] = JsonNode.Parse(Rows("knowledgeHolder"))!["rows"]!.DeepClone();
        var result = await WhatIf(await _triage.TokenOf("operator"), defaults.ToJsonString(), "default");
        Assert.Multiple(() =>
        {
            Assert.That((result.Cases, result.Changed), Is.EqualTo((2L, 2L)));
            Assert.That(result.Changes.Select(change => change.Area), Is.EquivalentTo(new[] { "sisa", "lansi" }));
            Assert.That(result.Changes.SelectMany(change => change.Examples), Is.Empty);
        });
    }

    private static string Today() => TimeZoneInfo.ConvertTime(DateTimeOffset.UtcNow, TimeZoneInfo.FindSystemTimeZoneById("Europe/Helsinki")).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string Rows(string route) => $$"""{ "rows": [{ "code": "all", "when": { "always": true }, "then": "route", "route": "{{route}}" }] }""";

    private async Task<WhatIfProgress> WhatIf(Metadata token, string content, string code = "sisa")
    {
        using var call = _policies.WhatIf(new WhatIfRequest { Code = code, DocumentJson = content }, token);
        WhatIfProgress? last = null;
        await foreach (var progress in call.ResponseStream.ReadAllAsync())
        {
            Assert.That(progress.Done, Is.GreaterThanOrEqualTo(last?.Done ?? 0));
            last = progress;
        }

        return last!;
    }

    private async Task<Policy> Publish(Metadata editor, string code, string content, DateOnly? day = null)
    {
        var drafted = await _policies.DraftAsync(new DraftPolicyRequest { Code = code, DocumentJson = content, ReasonCode = "trial" }, editor);
        return await Publish(editor, drafted.Draft, code, day);
    }

    private async Task<Policy> Publish(Metadata editor, PolicyDraft draft, string code = "sisa", DateOnly? day = null) =>
        await _policies.PublishAsync(new PublishPolicyRequest { Code = code, DraftId = draft.Id, EffectiveFrom = day?.ToString("O", System.Globalization.CultureInfo.InvariantCulture) ?? Today() }, editor);

    private async Task<TriageCase> Opened(string area = "sisa", string topic = "substance.child-or-youth", string[]? marks = null)
    {
        var id = Guid.CreateVersion7();
        await Tell(
            new ConsultationSubmitted(
                id, "OT-TEST-0001", DateTimeOffset.UtcNow, ConsultationKind.ClientWork, area, area == "sisa" ? "pirkanmaa" : "satakunta", "Town", "fi", "13-15", [topic], marks ?? ["unclear", "changing-fast"], ["school"], [],
                "social", "family-worker", Guid.CreateVersion7(), "own-worker", "w-1", 1, Urgency.Routine, false, false, false, ["virtual"], "consent", null, null, null, new Dictionary<string, Guid>()),
            id);
        var coordinator = await _triage.TokenOf($"coordinator-{area}");
        TriageCase? opened = null;
        await Eventually.Holds(async () => Assert.That(opened = await _cases.GetAsync(new GetCaseRequest { Id = id.ToString() }, coordinator), Is.Not.Null));
        return opened!;
    }

    private Task Tell<T>(T message, Guid stream)
        where T : class =>
        _triage.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-stream-id", stream.ToString());
        });

    private async Task<AssessmentExplanation> Explained(TriageCase one) =>
        (await _cases.ExplainAsync(new GetCaseRequest { Id = one.Id }, await _triage.TokenOf($"coordinator-{one.Area}"))).Assessments[^1];
}
