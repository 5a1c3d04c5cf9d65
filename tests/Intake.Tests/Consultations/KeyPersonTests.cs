using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using OtPlatform.Contracts;
using OtPlatform.Intake.Consultations;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Testing;
using static OtPlatform.Intake.Tests.Consultations.Requests;
using Consultation = OtPlatform.Intake.Consultations.Consultation;

namespace OtPlatform.Intake.Tests.Consultations;

/// <summary>Who may consult, and by which way requests reach the coordinators (C-06, C-07).</summary>
[TestFixture]
internal sealed class KeyPersonTests
{
    private const string KeyOrganisation = "partner-kanta-hame";
    private const string Words = "Ungefär så här: \"hän ei halua tulla\" — raw & <unchanged> 🙂\n\tsecond line  ";

    private static readonly KeyPersonAsked Asked = new(Id, KeyOrganisation, true, Now, Step(5));
    private static readonly PassedOn Passed = new(Id, Now.AddHours(1), Step(6));

    [Test]
    public void A_request_that_goes_by_way_of_the_key_person_is_theirs_first() =>
        Request.Given().When(SubmitConsultation.Decide, new SubmitConsultation.Command(Submitted, Asked)).Then(Submitted, Asked);

    [TestCase(true, false)]
    [TestCase(false, true)]
    public void R11_danger_and_high_risk_wait_for_no_key_person(bool danger, bool highRisk)
    {
        var submission = Submitted with { ImmediateDanger = danger, HighRisk = highRisk };
        var happened = SubmitConsultation.Decide(Consultation.Initial, new SubmitConsultation.Command(submission, Asked)).Events;
        Assert.That(happened.OfType<KeyPersonAsked>(), Is.Empty);
        Assert.That(Consultation.Aggregate.Fold(happened).Responsible, Is.EqualTo(Accountable.AreaCoordinators));
    }

    [Test]
    public void R2_while_the_key_person_has_it_somebody_is_accountable_by_a_date()
    {
        var state = Consultation.Aggregate.Fold([Submitted, Asked, .. TookOverWithKeyPerson]);
        Assert.That((state.Status, state.Responsible, state.Next), Is.EqualTo(((ConsultationStatus?)ConsultationStatus.InTriage, (Accountable?)Accountable.KeyPerson, Asked.Next)));
    }

    [Test]
    public void R2_a_key_person_who_does_not_pass_it_on_in_time_is_passed_by() =>
        Request.Given(Submitted, Asked).When(EscalateOverdueStep.Decide, new EscalateOverdueStep.Command(Id, Asked.Next.OverdueAt, Step(20)))
            .Then(new NextStepOverdue(Id, Accountable.AreaCoordinators, Asked.Next.OverdueAt, Step(20)));

    [Test]
    public void The_key_person_passes_it_on_once() =>
        Request.Given(Submitted, Asked).When(PassOn.Decide, new PassOn.Command(Id, Passed.PassedOnAt, Passed.Next)).Then(Passed);

    [Test]
    public void What_is_not_the_key_persons_step_is_not_passed_on()
    {
        Request.Given(Submitted).When(PassOn.Decide, new PassOn.Command(Id, Now, Step(6))).ThenRejected(Consultation.NotWithKeyPerson);
        Request.Given(Submitted, Asked with { First = false }).When(PassOn.Decide, new PassOn.Command(Id, Now, Step(6))).ThenRejected(Consultation.NotWithKeyPerson);
        Request.Given(Submitted, Asked, Withdrawn).When(PassOn.Decide, new PassOn.Command(Id, Now, Step(6))).ThenRejected(Consultation.AlreadyWithdrawn);
    }

    [TestCase("direct", "[]", "[]", null)]
    [TestCase("viaKeyPerson", "[]", "[]", true)]
    [TestCase("both", "[]", "[]", false)]
    [TestCase("direct", "[\"teacher\"]", "[]", true)]
    [TestCase("direct", "[\"family-worker\"]", "[]", null)]
    [TestCase("both", "[\"teacher\"]", "[]", true)]
    [TestCase("direct", "[]", "[\"partner-kainuu\"]", true)]
    [TestCase("direct", "[]", "[\"partner-pirkanmaa\", \"partner-kainuu\"]", null)]
    public void Who_may_not_consult_directly_goes_by_way_of_the_key_person_and_is_never_sent_away(string route, string roles, string organisations, bool? first)
    {
        var asked = Policy(Access(route, roles, organisations)).KeyPersonFor(Submitted);
        Assert.That(asked?.First, Is.EqualTo(first));
        Assert.That(asked?.Next.DueBy > Submitted.SubmittedAt, Is.EqualTo(first is not null));
    }

    [Test]
    public void By_default_everybody_comes_directly() => Assert.That(Of(Repository.Catalogue).KeyPersonFor(Submitted), Is.Null);

    [Test]
    public void A_key_persons_own_request_needs_nobody_between() =>
        Assert.That(Policy(Access("viaKeyPerson", "[]", "[]")).KeyPersonFor(Submitted with { Organisation = KeyOrganisation }), Is.Null);

    [TestCase("""{ "version": 1, "access": { "route": "viaKeyPerson" } }""")]
    [TestCase("""{ "version": 1, "access": { "requesterRoles": ["teacher"] } }""")]
    public void A_way_without_a_key_person_on_it_does_not_start(string policy) => Assert.That(() => Policy(policy), Throws.InstanceOf<JsonException>());

    [Test]
    public void A_way_by_the_key_person_does_not_start_where_requests_route_themselves() =>
        Assert.That(() => Policy(Access("viaKeyPerson", "[]", "[]").Replace("\"version\": 1", "\"version\": 1, \"triage\": { \"confirmation\": \"never\" }", StringComparison.Ordinal)), Throws.InstanceOf<JsonException>());

    [TestCase("direct")]
    [TestCase("viaKeyPerson")]
    public async Task G9_18_the_route_policy_changes_who_sees_it_first_and_the_words_reach_the_expert_unchanged(string route)
    {
        var folder = CatalogueWith(Access(route, "[]", "[]"));
        try
        {
            await using var intake = await ServiceHost<Program>.Start("key_person", new Dictionary<string, string> { ["Catalogue:Path"] = folder });
            using var partner = await intake.ClientFor("partner-pirkanmaa");
            using var keyPerson = await intake.ClientFor(KeyOrganisation);
            using var stranger = await intake.ClientFor("partner-kainuu");
            using var channel = intake.OpenChannel();
            var narratives = new Protos.Intake.V1.Narratives.NarrativesClient(channel);

            using var submitted = await partner.Submit(Calls.Sample(body => body["question"] = Words));
            var first = await submitted.Json();
            var (id, place) = (first["id"]!.GetValue<Guid>(), submitted.Headers.Location!.ToString());
            using var seen = await keyPerson.GetAsync(place);
            using var unseen = await stranger.Write($"{place}/pass-on", "\"1\"");
            await unseen.ShowsProblem(HttpStatusCode.NotFound, "platform.not-found");
            Assert.That(first["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow));
            if (route == "direct")
            {
                Assert.That(first["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
                Assert.That(seen.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            }
            else
            {
                Assert.That((first["responsible"]!["kind"]!.GetValue<string>(), first["responsible"]!["name"]!.GetValue<string>(), first["responsible"]!["contact"]!.GetValue<string>()), Is.EqualTo(("keyPerson", "Avainhenkilö Hämeessä", "key@example.test")));
                Assert.That(first["timeline"]!.AsArray()[^1]!["what"]!.GetValue<string>(), Is.EqualTo(Repository.Catalogue.Texts.Timeline["withKeyPerson"].Fi));
                var listed = (await keyPerson.GetFromJsonAsync<JsonObject>("/v1/consultations"))!["items"]!.AsArray();
                Assert.That(listed.Select(item => item!["id"]!.GetValue<Guid>()), Is.EqualTo(new[] { id }));
                Assert.That(await Question(narratives, id, await intake.TokenOf(KeyOrganisation)), Is.EqualTo(Words));
                Assert.That((await seen.Json())["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "pass-on" }));
                Assert.That(listed[0]!["allowedActions"]!.AsArray(), Has.Count.EqualTo(1));
                Assert.That(first["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Does.Contain("withdrawal").And.Not.Contain("pass-on"));
                using var ownStep = await partner.Write($"{place}/pass-on", seen.Headers.ETag!.Tag);
                await ownStep.ShowsProblem(HttpStatusCode.Conflict, "intake.not-with-key-person");
                using var passed = await keyPerson.Write($"{place}/pass-on", seen.Headers.ETag!.Tag);
                Assert.That((await passed.Json())["responsible"]!["kind"]!.GetValue<string>(), Is.EqualTo("areaCoordinators"));
                Calls.Refused(async () => await Question(narratives, id, await intake.TokenOf(KeyOrganisation)), Grpc.Core.StatusCode.NotFound, "platform.not-found");
            }

            var others = new OtherServices(intake);
            await others.Invited(id, Guid.NewGuid());
            var expert = await intake.TokenOf($"expert-{OtherServices.ExpertId}");
            await Eventually.Holds(async () => Assert.That(await Question(narratives, id, expert), Is.EqualTo(Words)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ConsultationEvent[] TookOverWithKeyPerson =>
        [.. TakeOverOnCaseOpened.Decide(Consultation.Aggregate.Fold([Submitted, Asked]), new TakeOverOnCaseOpened.Command(Id, false, TookOver.TookOverAt, TookOver.Next)).Events];

    private static async Task<string> Question(Protos.Intake.V1.Narratives.NarrativesClient narratives, Guid id, Grpc.Core.Metadata token) =>
        (await narratives.ReadAsync(new ReadNarrativeRequest { ConsultationId = id.ToString(), Purpose = "answering" }, token)).Narratives.Single(text => text.Kind == "question").Text;

    internal static string Access(string route, string roles, string organisations, string keyOrganisation = KeyOrganisation) =>
        $$"""
        { "version": 1, "access": { "route": "{{route}}", "requesterRoles": {{roles}}, "organisations": {{organisations}},
          "keyPerson": { "organisation": "{{keyOrganisation}}", "fi": "Avainhenkilö Hämeessä", "sv": "Nyckelperson i Tavastland", "en": "Key person in Häme", "contact": "key@example.test" } } }
        """;

    private static IntakePolicy Of(Catalogue catalogue) => new IntakePolicy(catalogue, new PolicyBook(catalogue.PolicyPages), TimeProvider.System).Checked();

    private static IntakePolicy Policy(string area)
    {
        var folder = CatalogueWith(area);
        try
        {
            return Of(Catalogue.Load(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The reference data with a policy of the area's own.</summary>
    internal static string CatalogueWith(string policy, string area = "sisa")
    {
        var folder = Directory.CreateTempSubdirectory("ot-catalogue-").FullName;
        foreach (var file in Directory.GetFiles(Repository.CataloguePath, "*.json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        Directory.CreateDirectory(Path.Combine(folder, "policies", "areas"));
        File.Copy(Path.Combine(Repository.CataloguePath, "policies", "default.json"), Path.Combine(folder, "policies", "default.json"));
        File.WriteAllText(Path.Combine(folder, "policies", "areas", $"{area}.json"), policy);
        return folder;
    }
}
