using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using OtPlatform.Contracts;
using OtPlatform.Contracts.TeamAssembly;
using OtPlatform.Contracts.Triage;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests;

/// <summary>Speaks for Triage and TeamAssembly to a running Intake.</summary>
internal sealed class OtherServices(ServiceHost<Program> intake)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(DateTime.UtcNow);

    private long _version;

    public static readonly Guid ExpertId = Guid.Parse("00000000-0000-4000-8000-0000000000e1");

    /// <summary>A submission by Pirkanmaa's partner that Triage has sent on a route.</summary>
    public async Task<Guid> Routed(HttpClient partner, Route route, Action<JsonObject>? change = null)
    {
        using var submitted = await partner.Submit(Calls.Sample(change));
        submitted.EnsureSuccessStatusCode();
        var id = (await submitted.Json())["id"]!.GetValue<Guid>();
        var now = DateTimeOffset.UtcNow;
        await Say("triage", id, new CaseOpened(id, id, "sisa", false, "default.1", now, now.AddHours(4)));
        await Say("triage", id, new RouteDecided(id, id, "sisa", route, [], [], false, false, ["social"], "default.1", "coordinator-sisa", null, now, now.AddDays(3)));
        await Eventually.Holds(async () => Assert.That((await partner.GetFromJsonAsync<JsonObject>($"/v1/consultations/{id}"))!["route"], Is.Not.Null));
        return id;
    }

    public Task Opened(Guid id) => Say("triage", id, new CaseOpened(id, id, "sisa", false, "default.1", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(4)));

    public Task Decided(Guid id, Route route) => Say(
        "triage", id, new RouteDecided(id, id, "sisa", route, [], [], false, false, ["social"], "default.1", "coordinator-sisa", null, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(3)));

    public Task LinkedTo(Guid id, Guid lead) => Say("triage", id, new CasesLinked(id, id, "sisa", lead, "coordinator-sisa", "sameMatter", DateTimeOffset.UtcNow));

    public Task Triage<T>(Guid id, T message)
        where T : class => Say("triage", id, message);

    public Task RouteKept(Guid id) => Say("triage", id, new RouteKept(id, id, "sisa", "coordinator-sisa", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(3)));

    public Task Invited(Guid id, Guid invitation) => Say(id, new ExpertInvited(
        invitation, id, id, "sisa", ExpertId, "expert", ["topic:violence.family"], 2, Today, Today.AddDays(30), "virtual", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(2)));

    public Task Declined(Guid id, Guid invitation) => Say(id, new InvitationDeclined(invitation, id, id, "sisa", ExpertId, "noTime", DateTimeOffset.UtcNow));

    public Task Arranged(Guid id) => Say(id, new ConsultationArranged(
        id, id, "sisa", new TeamMember(ExpertId, "consultant", "health", "county-hospital", "psychologist", "virtual", [], Today, Today.AddDays(14)), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(5)));

    public Task Activated(Guid id) => Say(id, new TeamActivated(
        id,
        id,
        "sisa",
        [
            new TeamMember(null, "responsibleWorker", "social", null, null, null, [], Today, Today.AddDays(84)),
            new TeamMember(ExpertId, "expert", "health", "county-hospital", "psychologist", "virtual", ["topic:violence.family"], Today, Today.AddDays(84)),
        ],
        true,
        DateTimeOffset.UtcNow,
        DateTimeOffset.UtcNow.AddDays(28)));

    public Task Answered(Guid id, Guid text, DateTimeOffset? decided = null) => Say(id, new ConsultationAnswered(id, id, "sisa", text, ["k-1"], "expert", DateTimeOffset.UtcNow, decided));

    private Task Say<T>(Guid id, T message)
        where T : class => Say("team-assembly", id, message);

    private Task Say<T>(string source, Guid id, T message)
        where T : class =>
        intake.Services.GetRequiredService<IBus>().Publish(message, context =>
        {
            context.MessageId = Guid.NewGuid();
            context.Headers.Set("ot-source", source);
            context.Headers.Set("ot-stream-id", id.ToString());
            context.Headers.Set("ot-stream-version", Interlocked.Increment(ref _version));
        });
}
