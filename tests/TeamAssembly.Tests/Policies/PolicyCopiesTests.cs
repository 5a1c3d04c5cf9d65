using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.Triage;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Policies;
using OtPlatform.Testing;

namespace OtPlatform.TeamAssembly.Tests.Policies;

/// <summary>The local copy of the policies, against a real store and a real broker.</summary>
[TestFixture]
internal sealed class PolicyCopiesTests
{
    private static readonly Guid PolicyId = Guid.Parse("019ab000-0000-7000-8000-0000000000d1");

    private ServiceHost<Program> _assembly = null!;

    [SetUp]
    public async Task Start() => _assembly = await ServiceHost<Program>.Start("team_policies");

    [TearDown]
    public async Task Stop() => await _assembly.DisposeAsync();

    [Test]
    public async Task A_published_version_reaches_the_other_services_and_one_they_cannot_read_changes_nothing()
    {
        Assert.That(Most("sisa"), Is.EqualTo((6, "default.1")));
        await Publish(1, """{ "team": { "maxMembers": 4 } }""");
        await Eventually.Holds(() => Assert.That(Most("sisa"), Is.EqualTo((4, "default.1+sisa.1"))));
        Assert.That(Most("lansi"), Is.EqualTo((6, "default.1")), "It is another area's.");

        await Publish(2, """{ "team": { "maxMembers": "as many as it takes" } }""");
        await Publish(3, """{ "workingHours": { "timeZone": "Europe/Nowhere" } }""");
        await Eventually.Holds(async () => Assert.That(await Refused(), Is.EqualTo(2)));
        Assert.That(Most("sisa"), Is.EqualTo((4, "default.1+sisa.1")));

        await Publish(4, """{ "team": { "maxMembers": 5 } }""");
        await Eventually.Holds(() => Assert.That(Most("sisa"), Is.EqualTo((5, "default.1+sisa.4"))));
    }

    [Test]
    public async Task What_is_planned_waits_for_its_moment()
    {
        await Publish(1, """{ "team": { "maxMembers": 4 } }""", DateTimeOffset.UtcNow.AddDays(2));
        await Eventually.Holds(() => Assert.That(_assembly.Services.GetRequiredService<PolicyBook>().Knows("sisa.1"), Is.True));
        Assert.That(Most("sisa"), Is.EqualTo((6, "default.1")));
        _assembly.MoveClock(TimeSpan.FromDays(3));
        await Eventually.Holds(() => Assert.That(Most("sisa"), Is.EqualTo((4, "default.1+sisa.1"))));
    }

    private (int Most, string Version) Most(string area)
    {
        var policy = _assembly.Services.GetRequiredService<TeamPolicies>().Of(area);
        return (policy.Team.MaxMembers, policy.Version);
    }

    private Task<long> Refused() =>
        _assembly.Services.GetRequiredService<StreamStore>().Count<InboxEntry>("where data ->> 'rejection' = ?", CancellationToken.None, KeepPolicyOnPolicyPublished.NotReadable.Code);

    private Task Publish(int version, string content, DateTimeOffset? takesEffectAt = null) => _assembly.Services.GetRequiredService<IBus>().Publish(
        new PolicyPublished(PolicyId, "sisa", version, content, DateOnly.FromDateTime(DateTime.UtcNow), takesEffectAt ?? DateTimeOffset.UtcNow, "leadership-sisa", "trial", DateTimeOffset.UtcNow),
        context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-stream-id", PolicyId.ToString());
        });
}
