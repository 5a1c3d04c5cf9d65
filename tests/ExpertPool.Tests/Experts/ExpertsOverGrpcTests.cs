using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.Local;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Streams;
using OtPlatform.Testing;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Tests.Experts;

/// <summary>otplatform.expertpool.v1.Experts against a real store and a real broker.</summary>
[TestFixture]
internal sealed class ExpertsOverGrpcTests
{
    private ServiceHost<Program> _pool = null!;
    private GrpcChannel _channel = null!;
    private Wire.Experts.ExpertsClient _experts = null!;
    private Metadata _integrator = null!;
    private Metadata _coordinator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await ServiceHost<Program>.Start("experts_grpc");
        _channel = GrpcChannel.ForAddress(_pool.Server.BaseAddress, new GrpcChannelOptions { HttpHandler = _pool.Server.CreateHandler() });
        _experts = new Wire.Experts.ExpertsClient(_channel);
        _integrator = await TokenOf("integrator");
        _coordinator = await TokenOf("coordinator-sisa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _pool.DisposeAsync();
    }

    [Test]
    public void Every_message_has_its_texts_in_Finnish_and_Swedish() => MessagesIn.AreAllTranslated(typeof(ExpertRules).Assembly, 14);

    [Test]
    public async Task An_expert_is_registered_read_and_kept_current()
    {
        var asked = Request();
        var registered = await _experts.RegisterAsync(asked, _integrator);
        var available = await _experts.SetAvailabilityAsync(new Wire.SetAvailabilityRequest { ExpertId = asked.ExpertId, WeeklyHours = 2.5, Languages = { "sv", "fi" }, Channels = { "phone" } }, _integrator);
        var agreed = await _experts.RecordAgreementAsync(new Wire.RecordAgreementRequest { ExpertId = asked.ExpertId, From = "2026-02-01", Until = "2027-05-31" }, _integrator);
        var consented = await _experts.RecordEmployerConsentAsync(new Wire.RecordEmployerConsentRequest { ExpertId = asked.ExpertId, Consents = false }, _integrator);
        var suspended = await _experts.SuspendAsync(new Wire.SuspendRequest { ExpertId = asked.ExpertId, ReasonCode = "own-wish" }, _integrator);
        var read = await _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = asked.ExpertId }, _coordinator);
        Assert.Multiple(() =>
        {
            Assert.That(registered.Area, Is.EqualTo("sisa"));
            Assert.That(registered.Version, Is.EqualTo(1));
            Assert.That(registered.Topics, Is.EqualTo(new[] { "substance.child-or-youth", "violence.family" }), "Sorted, each once.");
            Assert.That(available.WeeklyHours, Is.EqualTo(2.5));
            Assert.That(available.Languages, Is.EqualTo(new[] { "fi", "sv" }));
            Assert.That(agreed.AgreementUntil, Is.EqualTo("2027-05-31"));
            Assert.That(consented.EmployerConsents, Is.False);
            Assert.That(suspended.Suspended, Is.True);
            Assert.That(read, Is.EqualTo(suspended));
            Assert.That(read.Version, Is.EqualTo(5));
        });
    }

    [Test]
    public async Task The_same_again_changes_nothing()
    {
        var asked = Request();
        await _experts.RegisterAsync(asked, _integrator);
        Assert.That((await _experts.RegisterAsync(asked, _integrator)).Version, Is.EqualTo(1));
    }

    [Test]
    public void What_is_wrong_is_named_by_its_path_and_not_repeated()
    {
        var asked = Request();
        asked.Sector = "magic";
        asked.County = "atlantis";
        asked.Topics.Add("unheard.of");
        asked.Languages.Clear();
        asked.WeeklyHours = double.NaN;
        asked.Engagement = "";
        asked.Unit = "no slash";
        asked.AgreementUntil = "2025-12-31";
        var refused = Assert.ThrowsAsync<RpcException>(async () => await _experts.RegisterAsync(asked, _integrator))!;
        Assert.Multiple(() =>
        {
            Assert.That(refused.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
            Assert.That(GrpcProblems.CodeOf(refused), Is.EqualTo("platform.invalid-input"));
            foreach (var path in new[] { "$.sector", "$.county", "$.topics[3]", "$.languages", "$.weeklyHours", "$.engagement", "$.unit", "$.agreementUntil" })
            {
                Assert.That(refused.Status.Detail, Does.Contain(path));
            }

            Assert.That(refused.Status.Detail, Does.Not.Contain("atlantis").And.Not.Contain("unheard.of").And.Not.Contain("magic"));
        });
    }

    [TestCase(50, true)]
    [TestCase(51, false)]
    public async Task Lists_have_fifty_entries_at_most(int length, bool taken)
    {
        var asked = Request();
        asked.Channels.Clear();
        asked.Channels.AddRange(Enumerable.Repeat("phone", length));
        if (taken)
        {
            Assert.That((await _experts.RegisterAsync(asked, _integrator)).Channels, Is.EqualTo(new[] { "phone" }));
        }
        else
        {
            Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _experts.RegisterAsync(asked, _integrator))!.Status.Detail, Does.Contain("$.channels"));
        }
    }

    [TestCase(200, true)]
    [TestCase(201, false)]
    public async Task Words_have_two_hundred_characters_at_most(int length, bool taken)
    {
        var asked = Request();
        asked.Unit = "partner-pirkanmaa/".PadRight(length, 'x');
        if (taken)
        {
            Assert.That((await _experts.RegisterAsync(asked, _integrator)).Version, Is.EqualTo(1));
        }
        else
        {
            Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _experts.RegisterAsync(asked, _integrator))!.Status.Detail, Does.Contain("$.unit"));
        }
    }

    [Test]
    public void Of_somebody_unknown_nothing_is_known()
    {
        var id = Guid.CreateVersion7().ToString();
        Func<Task>[] calls =
        [
            async () => await _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = id }, _coordinator),
            async () => await _experts.SuspendAsync(new Wire.SuspendRequest { ExpertId = id, ReasonCode = "own-wish" }, _integrator),
        ];
        foreach (var call in calls)
        {
            var refused = Assert.ThrowsAsync<RpcException>(() => call())!;
            Assert.Multiple(() =>
            {
                Assert.That(refused.StatusCode, Is.EqualTo(StatusCode.NotFound));
                Assert.That(GrpcProblems.CodeOf(refused), Is.EqualTo("expert-pool.expert-unknown"));
            });
        }
    }

    [Test]
    public async Task Writing_needs_the_scope_and_an_expert_reads_only_their_own_entry()
    {
        var (own, other) = (Request(), Request());
        await _experts.RegisterAsync(own, _integrator);
        await _experts.RegisterAsync(other, _integrator);
        var expert = await TokenOf($"expert-{own.ExpertId}");
        Assert.Multiple(async () =>
        {
            Assert.That((await _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = own.ExpertId }, expert)).ExpertId, Is.EqualTo(own.ExpertId));
            Assert.That(StatusOf(() => _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = other.ExpertId }, expert)), Is.EqualTo(StatusCode.NotFound));
            Assert.That(StatusOf(() => _experts.SearchAsync(new Wire.SearchRequest(), expert)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(StatusOf(() => _experts.RegisterAsync(Request(), _coordinator)), Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(StatusOf(() => _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = own.ExpertId })), Is.EqualTo(StatusCode.Unauthenticated));
        });
    }

    [Test]
    public async Task An_import_takes_each_line_by_itself_and_tells_which_are_wrong()
    {
        var (good, wrong, nameless) = (Request(), Request(), Request());
        wrong.Topics.Add("unheard.of");
        wrong.Profession = "Psychologist";
        nameless.ExpertId = "";
        var first = await Import(good, wrong, nameless, good);
        var again = await Import(good);
        Assert.Multiple(() =>
        {
            Assert.That((first.Registered, first.Unchanged), Is.EqualTo((1, 1)));
            Assert.That(first.Problems.Select(problem => (problem.Line, problem.Path)), Is.EquivalentTo(new[] { (2, "$.topics[3]"), (2, "$.profession"), (3, "$.expertId") }));
            Assert.That(first.Problems.Select(problem => problem.Problem), Has.None.Contains("unheard"));
            Assert.That((again.Registered, again.Unchanged, again.Problems.Count), Is.EqualTo((0, 1, 0)));
        });
        Assert.That(StatusOf(() => _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = wrong.ExpertId }, _coordinator)), Is.EqualTo(StatusCode.NotFound));
    }

    [Test]
    public async Task The_whole_fictional_pool_is_imported_and_searched()
    {
        var imported = await Import([.. DemoPool.Read(DateOnly.FromDateTime(DateTime.UtcNow)).Select(Request)]);
        Assert.That((imported.Registered, imported.Problems.Count), Is.EqualTo((156, 0)));

        var found = await _experts.SearchAsync(
            new Wire.SearchRequest { Topic = "somatic.psychosocial-support", Language = "se", Channel = "virtual", County = "lappi", WeeklyHours = 2, Weeks = 2 }, _coordinator);
        Assert.Multiple(() =>
        {
            Assert.That(found.Fits.Select(fit => fit.Expert.County), Is.EqualTo(new[] { "lappi", "lappi" }));
            Assert.That(found.Fits.SelectMany(fit => fit.Reasons), Has.All.Matches<Wire.Reason>(reason => reason.Holds));
            Assert.That(found.DoesNotFit, Has.Count.EqualTo(SearchExperts.LongestList));
            Assert.That(found.DoesNotFit[0].Reasons.Count(reason => !reason.Holds), Is.EqualTo(1), "Who lacks least comes first.");
            Assert.That(found.DoesNotFit.Select(miss => miss.Reasons.Count(reason => !reason.Holds)), Is.Ordered);
        });
    }

    [Test]
    public async Task Held_hours_are_shown_until_their_weeks_are_over()
    {
        var asked = Request();
        var id = Guid.Parse(asked.ExpertId);
        await _experts.RegisterAsync(asked, _integrator);
        var monday = MondayInWeeks(1);
        var command = new HoldHoursOnReserveCapacity.Command(
            id, Guid.CreateVersion7(), Guid.CreateVersion7(), 1, [new(monday, 2)], monday.AddDays(4), DateTimeOffset.UtcNow.AddDays(60), MondayInWeeks(0), DateTimeOffset.UtcNow);
        await _pool.Services.GetRequiredService<StreamStore>().Decide(Expert.Aggregate, id, state => HoldHoursOnReserveCapacity.Decide(state, command), new Origin("test"), CancellationToken.None);
        var now = await _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = asked.ExpertId }, _coordinator);
        try
        {
            _pool.MoveClock(TimeSpan.FromDays(21));
            await Eventually.Holds(async () => (await _experts.GetAsync(new Wire.GetExpertRequest { ExpertId = asked.ExpertId }, _coordinator)).Reservations.Count == 0);
        }
        finally
        {
            _pool.MoveClock(TimeSpan.Zero);
        }

        Assert.Multiple(() =>
        {
            Assert.That(now.Reservations.Single().ReservationId, Is.EqualTo(command.ReservationId.ToString()));
            Assert.That(now.Reservations.Single().Confirmed, Is.False);
            Assert.That(now.Reservations.Single().Weeks.Single(), Is.EqualTo(new Wire.WeekHours { Monday = monday.ToString("yyyy-MM-dd"), Hours = 2 }));
        });
    }

    private static DateOnly MondayInWeeks(int weeks)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        return today.AddDays((7 * weeks) - (((int)today.DayOfWeek + 6) % 7));
    }

    private static StatusCode StatusOf<T>(Func<AsyncUnaryCall<T>> call) => Assert.ThrowsAsync<RpcException>(async () => await call())!.StatusCode;

    private static Wire.RegisterExpertRequest Request() => new()
    {
        ExpertId = Guid.CreateVersion7().ToString(),
        Sector = "social",
        Profession = "crisis-social-worker",
        Organisation = "sisa-centre",
        Engagement = "partTime",
        County = "pirkanmaa",
        Unit = "partner-pirkanmaa/Hervannan perhekeskus",
        Topics = { "violence.family", "substance.child-or-youth", "violence.family" },
        Languages = { "fi" },
        Channels = { "phone", "virtual" },
        WeeklyHours = 4,
        AgreementFrom = "2026-01-01",
        EmployerConsents = true,
    };

    private static Wire.RegisterExpertRequest Request(DemoExpert expert) => new()
    {
        ExpertId = expert.ExpertId,
        Sector = expert.Sector,
        Profession = expert.Profession,
        Organisation = expert.Organisation,
        Engagement = expert.Engagement,
        County = expert.County ?? "",
        Unit = expert.Unit ?? "",
        Topics = { expert.Topics },
        Languages = { expert.Languages },
        Channels = { expert.Channels },
        WeeklyHours = (double)expert.WeeklyHours,
        AgreementFrom = expert.AgreementFrom?.ToString("yyyy-MM-dd") ?? "",
        AgreementUntil = expert.AgreementUntil?.ToString("yyyy-MM-dd") ?? "",
        EmployerConsents = expert.EmployerConsents,
    };

    private async Task<Wire.ImportResponse> Import(params Wire.RegisterExpertRequest[] lines)
    {
        using var call = _experts.Import(_integrator);
        foreach (var line in lines)
        {
            await call.RequestStream.WriteAsync(line);
        }

        await call.RequestStream.CompleteAsync();
        return await call;
    }

    private async Task<Metadata> TokenOf(string clientId)
    {
        using var client = await _pool.ClientFor(clientId);
        return new Metadata { { "authorization", client.DefaultRequestHeaders.Authorization!.ToString() } };
    }
}
