using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OtPlatform.Testing;

namespace OtPlatform.Intake.Tests.AbsenceFollowUps;

/// <summary>Time passes over follow-ups of absence, on a host whose clock is moved.</summary>
[TestFixture]
internal sealed class AbsenceRemindersTests
{
    private const string Address = "/v1/absence-follow-ups";

    private ServiceHost<Program> _intake = null!;
    private HttpClient _school = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _intake = await ServiceHost<Program>.Start("absence_reminders");
        _school = await _intake.ClientFor("partner-pirkanmaa");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _school.Dispose();
        await _intake.DisposeAsync();
    }

    [Test]
    public async Task The_school_is_reminded_on_the_day_again_later_and_no_more_once_it_has_met()
    {
        var place = await Begun(31);
        await Say(place, "meeting", new JsonObject { ["heldOn"] = Day(0), ["agreedWithFamily"] = true, ["followUp"] = FollowUp(10) });
        Assert.That(await Standing(place), Is.EqualTo(("followUpAgreed", "followUpResponsible", 0)));
        await _intake.PassTime(TimeSpan.FromDays(11));
        await Eventually.Holds(async () => Assert.That(await Standing(place), Is.EqualTo(("followUpDue", "followUpResponsible", 1))));
        await _intake.PassTime(TimeSpan.FromDays(20));
        await Eventually.Holds(async () => Assert.That(await Standing(place), Is.EqualTo(("followUpDue", "requester", 2))));
        var listed = (await _school.GetFromJsonAsync<JsonObject>($"{Address}?status=followUpDue"))!["items"]!.AsArray();
        Assert.That(listed.Select(item => $"{Address}/{item!["id"]!.GetValue<string>()}"), Does.Contain(place));
        await Say(place, "meeting", new JsonObject { ["heldOn"] = Day(20), ["followUp"] = FollowUp(30) });
        Assert.That(await Standing(place), Is.EqualTo(("followUpAgreed", "followUpResponsible", 0)));
    }

    [Test]
    public async Task R2_what_is_late_has_a_next_date_and_after_the_counting_period_only_what_can_be_done_is_offered()
    {
        await using var intake = await ServiceHost<Program>.Start("absence_late");
        using var school = await intake.ClientFor("partner-pirkanmaa");
        using var begun = await school.PostKeyed(Address, new JsonObject { ["clientRef"] = "PK-LATE", ["county"] = "pirkanmaa", ["language"] = "fi", ["ageBand"] = "7-12", ["hours"] = 31 });
        var due = (await begun.Json())["dueBy"]!.GetValue<DateTimeOffset>();
        var place = begun.Headers.Location!.ToString();
        async Task<JsonObject> Read() => (await school.GetFromJsonAsync<JsonObject>(place))!;
        var moved = due - DateTimeOffset.UtcNow + TimeSpan.FromHours(1);
        await intake.PassTime(moved);
        await Eventually.Holds(async () =>
        {
            var late = await Read();
            Assert.That(late["reminders"]!.GetValue<int>(), Is.Positive);
            Assert.That(late["overdueSince"]!.GetValue<DateTimeOffset>(), Is.EqualTo(due).Within(TimeSpan.FromMilliseconds(1)));
            Assert.That(late["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow + moved));
            Assert.That(late["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Does.Contain("hours"));
        });

        await intake.PassTime(TimeSpan.FromDays(400));
        await Eventually.Holds(async () =>
        {
            var over = await Read();
            Assert.That(over["status"]!.GetValue<string>(), Is.EqualTo("stepOpen"));
            Assert.That(over["dueBy"]!.GetValue<DateTimeOffset>(), Is.GreaterThan(DateTimeOffset.UtcNow + TimeSpan.FromDays(400)));
            Assert.That(over["allowedActions"]!.AsArray().Select(action => action!.GetValue<string>()), Is.EqualTo(new[] { "meeting", "escalation", "contact", "erasure" }));
        });
    }

    private static JsonObject FollowUp(int days) => new() { ["date"] = Day(days), ["responsible"] = "sw-114" };

    private static string Day(int fromToday) => DateOnly.FromDateTime(DateTime.UtcNow).AddDays(fromToday).ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> Begun(decimal hours)
    {
        using var answer = await _school.PostKeyed(
            Address, new JsonObject { ["clientRef"] = "PK-REMIND", ["county"] = "pirkanmaa", ["language"] = "sv", ["ageBand"] = "13-15", ["hours"] = hours });
        answer.EnsureSuccessStatusCode();
        return answer.Headers.Location!.ToString();
    }

    private async Task<(string Status, string? Responsible, int Reminders)> Standing(string place)
    {
        var read = (await _school.GetFromJsonAsync<JsonObject>(place))!;
        return (read["status"]!.GetValue<string>(), read["responsible"]?["kind"]?.GetValue<string>(), read["reminders"]!.GetValue<int>());
    }

    private async Task Say(string place, string action, JsonObject body)
    {
        using var read = await _school.GetAsync(place);
        using var answer = await _school.Write($"{place}/{action}", read.Headers.ETag!.Tag, body);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), await answer.Content.ReadAsStringAsync());
    }
}
