using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;
using OtPlatform.ExpertPool.Coverage;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Tests.Coverage;

/// <summary>Coverage and gaps against a real store and a real broker, each test on a pool of its own.</summary>
[TestFixture]
internal sealed class CoverageTests
{
    private const string Topic = "substance.child-or-youth";
    private const string Other = "violence.family";

    private ServiceHost<Program> _pool = null!;
    private GrpcChannel _channel = null!;
    private Wire.Experts.ExpertsClient _experts = null!;
    private HttpClient _rest = null!;
    private Metadata _integrator = null!;

    [SetUp]
    public async Task Start()
    {
        _pool = await ServiceHost<Program>.Start("coverage");
        _channel = GrpcChannel.ForAddress(_pool.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _pool.Server.CreateHandler() });
        _experts = new Wire.Experts.ExpertsClient(_channel);
        _rest = await _pool.ClientFor("integrator");
        _integrator = new Metadata { { "authorization", _rest.DefaultRequestHeaders.Authorization!.ToString() } };
    }

    [TearDown]
    public async Task Stop()
    {
        _rest.Dispose();
        _channel.Dispose();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task C150_who_can_be_asked_is_counted_by_topic_and_county_and_the_empty_ones_are_named()
    {
        await Registered("pirkanmaa", 4);
        await Registered("pirkanmaa", 2.5, topics: [Topic, Other]);
        await Registered("kanta-hame", 3);
        await Registered(string.Empty, 3);
        await Registered("pirkanmaa", 0);
        await Registered("pirkanmaa", 4, from: "2099-01-01");
        await Registered("pirkanmaa", 4, until: "2026-01-31");
        await Registered("pirkanmaa", 4, from: string.Empty);
        await _experts.SuspendAsync(new Wire.SuspendRequest { ExpertId = await Registered("pirkanmaa", 4), ReasonCode = "own-wish" }, _integrator);

        var all = await _experts.CoverageAsync(new Wire.CoverageRequest(), _integrator);
        var covered = all.Topics.Single(topic => topic.Topic == Topic);
        var area = Repository.Catalogue.Areas.Single(known => known.Counties.Contains("pirkanmaa"));
        var ofArea = (await _experts.CoverageAsync(new Wire.CoverageRequest { Topic = Topic, Area = area.Code }, _integrator)).Topics.Single();
        using var overRest = await _rest.GetAsync($"/v1/experts/coverage?topic={Topic}&area={area.Code}");
        var answer = (await overRest.Json())["topics"]![0]!;
        Assert.Multiple(() =>
        {
            Assert.That(covered.Counties.Select(county => (county.County, county.Experts, county.WeeklyHours)), Is.EqualTo(new[] { ("kanta-hame", 1L, 3.0), ("pirkanmaa", 2L, 6.5) }));
            Assert.That(covered.External, Is.EqualTo(1));
            Assert.That(covered.EmptyCounties, Is.EquivalentTo(Repository.Catalogue.Counties.Select(county => county.Code).Except(["kanta-hame", "pirkanmaa"])));
            Assert.That(all.Topics.Single(topic => topic.Topic == Other).Counties.Select(county => (county.County, county.Experts)), Is.EqualTo(new[] { ("pirkanmaa", 1L) }));
            Assert.That(all.Topics.Single(topic => topic.Topic == "adoption").EmptyCounties, Has.Count.EqualTo(Repository.Catalogue.Counties.Count), "A topic that nobody knows is not left out.");
            Assert.That(ofArea.EmptyCounties, Is.EquivalentTo(area.Counties.Except(["kanta-hame", "pirkanmaa"])));
            Assert.That(answer["counties"]!.AsArray().Select(county => county!["experts"]!.GetValue<int>()).Sum(), Is.EqualTo(ofArea.Counties.Sum(county => county.Experts)));
        });
    }

    [Test]
    public async Task C04_a_topic_that_no_expert_covers_tells_how_many_holders_of_knowledge_there_are()
    {
        var catalogue = new Wire.Catalogue.CatalogueClient(_channel);
        var known = await catalogue.RegisterKnowledgeHolderAsync(Holder(), _integrator);
        await catalogue.RegisterKnowledgeHolderAsync(Holder(), _integrator);
        var both = (await Covered("adoption")).KnowledgeHolders;
        await catalogue.EndKnowledgeHolderAsync(new Wire.EndKnowledgeHolderRequest { HolderId = known.HolderId, ReasonCode = "closed-down" }, _integrator);
        Assert.That((both, (await Covered("adoption")).KnowledgeHolders, (await Covered(Topic)).KnowledgeHolders), Is.EqualTo((2L, 1L, 0L)));
    }

    [Test]
    public async Task C03_what_nobody_covered_is_counted_once_for_each_request_with_who_covers_it_today()
    {
        await Registered("pirkanmaa", 4);
        var (first, second, message) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.NewGuid());
        await Publish(Found(first, "topic:" + Topic, "sector:health"), message);
        await Publish(Found(first, "topic:" + Topic, "sector:health"), message);
        await Publish(Found(first, "topic:" + Topic));
        await Publish(Found(second, "topic:" + Topic));
        await Publish(new ServiceGapRecorded(first, first, "sisa", "pirkanmaa", [Topic, Other], ["school"], DateTimeOffset.UtcNow));
        await Publish(Found(Guid.CreateVersion7(), "topic:" + Topic) with { Area = "lansi" });
        await Eventually.Holds(async () => Assert.That(
            (await Gaps()).Select(gap => (gap.Area, gap.Kind, gap.Code, gap.Requests, Now: gap.HasExpertsNow ? (long?)gap.ExpertsNow : null)),
            Is.EqualTo(new (string, string, string, long, long?)[] { ("sisa", "topic", Topic, 2, 1), ("lansi", "topic", Topic, 1, 0), ("sisa", "sector", "health", 1, null), ("sisa", "topic", Other, 1, 0) })));
        var ofArea = await Gaps("lansi");
        using var overRest = await _rest.GetAsync("/v1/experts/gaps?area=sisa&since=2026-01-01");
        using var later = await _rest.GetAsync("/v1/experts/gaps?since=2099-01-01");
        var rest = await overRest.Json();
        var done = await _pool.Services.GetRequiredService<StreamStore>().Count<InboxEntry>("where data ->> 'id' like ?", CancellationToken.None, "%:" + message.ToString("N"));
        Assert.Multiple(async () =>
        {
            Assert.That(ofArea.Select(gap => gap.Area), Is.EqualTo(new[] { "lansi" }));
            Assert.That(rest["items"]!.AsArray().Select(item => item!["requests"]!.GetValue<int>()), Is.EqualTo(new[] { 2, 1, 1 }));
            Assert.That((await later.Json())["items"]!.AsArray(), Is.Empty);
            Assert.That(done, Is.EqualTo(1), "The same message twice is done once.");
            Assert.That(await Stored(), Does.Not.Contain(first.ToString()).And.Not.Contain("pirkanmaa"), "The request cannot be found from what it lacked (R8).");
        });
    }

    [Test]
    public async Task An_older_finding_that_comes_later_does_not_take_the_place_of_a_newer_one()
    {
        var consultation = Guid.CreateVersion7();
        var newest = DateTimeOffset.UtcNow;
        await Publish(Found(consultation, "topic:" + Topic) with { FoundAt = newest });
        await Publish(new ServiceGapRecorded(consultation, consultation, "lansi", "pirkanmaa", [Topic, Other], [], newest.AddHours(-1)));
        await Eventually.Holds(async () => Assert.That((await Gaps()).Select(gap => (gap.Area, gap.Code)), Is.EqualTo(new[] { ("lansi", Other), ("sisa", Topic) })));
    }

    [Test]
    public async Task Unknown_codes_no_date_and_an_expert_are_refused()
    {
        var expert = await _pool.ClientFor($"expert-{Guid.CreateVersion7()}");
        foreach (var (address, field) in new[] { ("coverage?topic=magic", "topic"), ("coverage?area=atlantis", "area"), ("gaps?area=atlantis", "area"), ("gaps?since=yesterday", "since") })
        {
            using var wrong = await _rest.GetAsync($"/v1/experts/{address}");
            Assert.That((await wrong.ShowsProblem(HttpStatusCode.BadRequest, "platform.invalid-input"))["errors"]![field], Is.Not.Null, address);
        }

        foreach (var address in new[] { "coverage", "gaps" })
        {
            using var notTheirs = await expert.GetAsync($"/v1/experts/{address}");
            await notTheirs.ShowsProblem(HttpStatusCode.Forbidden, "platform.not-allowed");
        }

        var token = new Metadata { { "authorization", expert.DefaultRequestHeaders.Authorization!.ToString() } };
        Calls.Refused(async () => await _experts.CoverageAsync(new Wire.CoverageRequest(), token), StatusCode.PermissionDenied, "platform.not-allowed");
        Calls.Refused(async () => await _experts.GapsAsync(new Wire.GapsRequest(), token), StatusCode.PermissionDenied, "platform.not-allowed");
        Calls.Refused(async () => await _experts.GapsAsync(new Wire.GapsRequest { Area = "atlantis" }, _integrator), StatusCode.InvalidArgument, "platform.invalid-input");
        expert.Dispose();
    }

    private static ServiceGapFound Found(Guid consultation, params string[] needs) =>
        new(consultation, consultation, "sisa", needs, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(5));

    private static Wire.RegisterKnowledgeHolderRequest Holder() => new()
    {
        Name = new Wire.Name { Fi = "Tietoyksikkö" },
        Country = "FI",
        Topics = { "adoption" },
        Languages = { "fi" },
        Contact = "neuvonta@tieto.example",
        ValidUntil = "2099-12-31",
    };

    private async Task<IReadOnlyList<Wire.Gap>> Gaps(string area = "") => (await _experts.GapsAsync(new Wire.GapsRequest { Area = area }, _integrator)).Gaps;

    private async Task<Wire.CoveredTopic> Covered(string topic) => (await _experts.CoverageAsync(new Wire.CoverageRequest { Topic = topic }, _integrator)).Topics.Single();

    private async Task<string> Registered(string county, double hours, string from = "2026-01-01", string until = "", string[]? topics = null)
    {
        var expert = await _experts.RegisterAsync(
            new Wire.RegisterExpertRequest
            {
                Sector = "health",
                Profession = "psychologist",
                Organisation = "hospital-north",
                Engagement = "partTime",
                County = county,
                Topics = { topics ?? [Topic] },
                Languages = { "fi" },
                Channels = { "virtual" },
                WeeklyHours = hours,
                AgreementFrom = from,
                AgreementUntil = until,
                EmployerConsents = true,
            },
            _integrator);
        return expert.ExpertId;
    }

    private string Database() => _pool.Settings["Store:ConnectionString"];

    private async Task<string> Stored()
    {
        await using var connection = new NpgsqlConnection(Database());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"select string_agg(id::text || data::text, ' ') from ot.mt_doc_{nameof(UncoveredNeed).ToLowerInvariant()}", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private Task Publish<T>(T message, Guid? messageId = null)
        where T : class =>
        _pool.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = messageId ?? Guid.NewGuid();
            context.Headers.Set("ot-stream-id", (message as ServiceGapFound)?.ConsultationId.ToString() ?? ((ServiceGapRecorded)(object)message).ConsultationId.ToString());
        });
}
