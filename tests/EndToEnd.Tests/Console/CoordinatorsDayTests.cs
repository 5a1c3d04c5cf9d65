using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using OtPlatform.Local;

namespace OtPlatform.EndToEnd.Tests.Console;

/// <summary>A coordinator and experts at the console in a real browser, on the whole system.</summary>
[TestFixture]
internal sealed class CoordinatorsDayTests
{
    private RunningSystem _system = null!;
    private Browser _browser = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _system = await RunningSystem.Start();
        await DemoPool.Load(_system.Endpoints, TestContext.Progress.WriteLine, CancellationToken.None);
        _browser = await Browser.Start(_system.Endpoints.Rest["console"]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _browser.DisposeAsync();
        await _system.DisposeAsync();
    }

    [Test]
    public async Task A_coordinator_confirms_a_route_and_sees_the_team_start_without_a_reload()
    {
        var coordinator = await _browser.SignIn(page => page.ClickAsync("[data-test=sign-in-coordinator-sisa]"));
        await MarkAsLoaded(coordinator);
        var id = await Submit("pirkanmaa", "18-crime-path");
        var row = coordinator.Locator($"[data-test=queue-row][data-id='{id}']");
        await row.WaitForAsync();
        Assert.That(await IsStillTheSame(coordinator), Is.True, "The queue showed the new request without a reload.");

        await row.Locator("[data-test=queue-link]").ClickAsync();
        await coordinator.Locator("[data-test=deciding-row]").First.WaitForAsync();
        await coordinator.ClickAsync("[data-test=confirm-route]");
        await coordinator.Locator("[data-test=status][data-status=teamBeingAssembled]").WaitForAsync();
        await MarkAsLoaded(coordinator);

        await coordinator.Locator("[data-test=asked-expert][data-status=open]").First.WaitForAsync();
        var invited = await Invited(id);
        foreach (var expert in invited)
        {
            var page = await _browser.SignIn(async own =>
            {
                await own.FillAsync("[data-test=sign-in-expert-id]", expert);
                await own.ClickAsync("[data-test=sign-in-expert]");
            });
            await page.Locator("[data-test=accept]").First.ClickAsync();
            await page.Locator("[data-test=earlier]").First.WaitForAsync();
            await page.Context.CloseAsync();
        }

        await coordinator.Locator("[data-test=status][data-status=teamWorking]").WaitForAsync();
        await coordinator.Locator("[data-test=member]").First.WaitForAsync();
        Assert.Multiple(async () =>
        {
            Assert.That(await coordinator.Locator("[data-test=member]").CountAsync(), Is.GreaterThan(invited.Count), "The own worker is in the team beside the experts.");
            Assert.That(await IsStillTheSame(coordinator), Is.True, "The team appeared without a reload.");
        });
    }

    [Test]
    public async Task A_declined_invitation_shows_the_next_one_without_a_reload()
    {
        var coordinator = await _browser.SignIn(page => page.ClickAsync("[data-test=sign-in-coordinator-sisa]"));
        var id = await Submit("kanta-hame", "11-expertise-only");
        await coordinator.Locator($"[data-test=queue-row][data-id='{id}'] [data-test=queue-link]").ClickAsync();
        await coordinator.ClickAsync("[data-test=confirm-route]");
        await coordinator.Locator("[data-test=asked-expert][data-status=open]").WaitForAsync();
        await MarkAsLoaded(coordinator);

        var expert = (await Invited(id)).Single();
        var page = await _browser.SignIn(async own =>
        {
            await own.FillAsync("[data-test=sign-in-expert-id]", expert);
            await own.ClickAsync("[data-test=sign-in-expert]");
        });
        await page.Locator("[data-test=invitation] select").First.SelectOptionAsync("noTime");
        await page.Locator("[data-test=decline]").First.ClickAsync();

        await coordinator.Locator("[data-test=asked-expert][data-status=declined]").WaitForAsync();
        await coordinator.Locator("[data-test=asked-expert][data-status=open]").WaitForAsync();
        Assert.That((await Invited(id)).Single(), Is.Not.EqualTo(expert));
        Assert.That(await IsStillTheSame(coordinator), Is.True);
    }

    [Test]
    public async Task A_coordinator_of_another_area_does_not_find_the_request()
    {
        var id = await Submit("pirkanmaa", "18-crime-path");
        var other = await _browser.SignIn(page => page.ClickAsync("[data-test=sign-in-coordinator-ita]"));
        var answer = await other.GotoAsync($"/consultations/{id}");
        Assert.That(answer!.Status, Is.EqualTo((int)HttpStatusCode.NotFound));
    }

    [Test]
    public async Task At_360_pixels_nothing_runs_out_of_the_page()
    {
        var id = await Submit("pirkanmaa", "18-crime-path");
        var page = await _browser.SignIn(own => own.ClickAsync("[data-test=sign-in-coordinator-sisa]"), width: 360);
        await page.Locator($"[data-test=queue-row][data-id='{id}']").WaitForAsync();
        foreach (var address in new[] { "/queues", $"/consultations/{id}" })
        {
            await page.GotoAsync(address);
            Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(360), address);
        }
    }

    [Test]
    public async Task Several_assess_a_matter_together_and_the_coordinator_sees_what_an_expert_adds_without_a_reload()
    {
        var coordinator = await _browser.SignIn(page => page.ClickAsync("[data-test=sign-in-coordinator-sisa]"));
        var id = await Submit("pirkanmaa", "18-crime-path");
        await coordinator.Locator($"[data-test=queue-row][data-id='{id}'] [data-test=queue-link]").ClickAsync();
        await coordinator.ClickAsync("[data-test=fill-in]");
        await coordinator.ClickAsync("[data-test=answer-q1-3]");
        await coordinator.ClickAsync("[data-test=participant-teacher]");
        await coordinator.ClickAsync("[data-test=screening-submit]");
        await coordinator.Locator("[data-test=why-screening]").First.WaitForAsync();

        var asked = (await coordinator.Locator("[data-test=assessor-expert-offered]").First.GetAttributeAsync("value"))!;
        await coordinator.FillAsync("[data-test=assessor-expert]", asked);
        await coordinator.SelectOptionAsync("[data-test=assessor-reason]", "specialKnowledge");
        await coordinator.ClickAsync("[data-test=assessor-submit]");
        await coordinator.Locator($"[data-test=assessor][data-id='{asked}'] [data-test=asked-until]").WaitForAsync();
        await MarkAsLoaded(coordinator);

        var expert = await _browser.SignIn(async own =>
        {
            await own.FillAsync("[data-test=sign-in-expert-id]", asked);
            await own.ClickAsync("[data-test=sign-in-expert]");
        });
        await expert.Locator($"[data-test=to-assess][data-id='{id}'] [data-test=to-assess-link]").ClickAsync();
        await expert.Locator("[data-test=narrative]").First.WaitForAsync();
        await expert.ClickAsync("[data-test=mark-rare]");
        await expert.FillAsync("[data-test=assess-text]", "Tällaista olen nähnyt ennenkin.");
        await expert.ClickAsync("[data-test=assess-submit]");
        await expert.Locator("[data-test=done]").WaitForAsync();

        await coordinator.Locator($"[data-test=assessor][data-id='{asked}'] [data-test=contribution]").WaitForAsync();
        Assert.That(await IsStillTheSame(coordinator), Is.True);
    }

    [Test]
    public async Task A_leader_tries_a_draft_on_past_requests_and_publishes_it_from_a_day()
    {
        await Submit("pirkanmaa", "18-crime-path");
        var leader = await _browser.SignIn(page => page.ClickAsync("[data-test=sign-in-leadership-sisa]"));
        await leader.GotoAsync("/policies/sisa");
        await leader.ClickAsync("[data-test=edit-section][data-code=team] summary");
        await leader.FillAsync("#setting-team-maxMembers", "0");
        await leader.SelectOptionAsync("[data-test=draft-reason]", "trial");
        await leader.ClickAsync("[data-test=draft-check]");
        await leader.Locator("[data-test=setting][data-code='team.maxMembers'] [data-test=setting-fault]").WaitForAsync();

        await leader.FillAsync("#setting-team-maxMembers", "5");
        await leader.ClickAsync("[data-test=draft-submit]");
        await leader.ClickAsync("[data-test=what-if-link]");
        await leader.Locator("[data-test=what-if-done][data-finished=true]").WaitForAsync();
        await leader.ClickAsync("[data-test=back]");
        await leader.FillAsync("[data-test=publish-from]", "2028-01-01");
        await leader.ClickAsync("[data-test=publish-submit]");
        await leader.Locator("[data-test=done]").WaitForAsync();
        Assert.That(await leader.Locator("[data-test=version]").First.TextContentAsync(), Does.Contain("1.1.2028").And.Contain("leadership-sisa"));
    }

    private static Task MarkAsLoaded(IPage page) => page.EvaluateAsync("window.loadedOnce = true");

    private static Task<bool> IsStillTheSame(IPage page) => page.EvaluateAsync<bool>("window.loadedOnce === true");

    /// <summary>The experts who have an open invitation, asked past the services.</summary>
    private async Task<IReadOnlyList<string>> Invited(string id)
    {
        var open = await _system.Rows("teamAssembly", $"select i->>'expertId' from ot.mt_doc_assemblyview, jsonb_array_elements(data->'invitations') as i where id = '{id}' and lower(i->>'status') = 'open'");
        return [.. open];
    }

    /// <summary>A matter of its own each time: two requests about one client are linked, and only the first is decided.</summary>
    private async Task<string> Submit(string county, string sample)
    {
        using var partner = await _system.ClientOf("intake", $"partner-{county}");
        var body = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Testing.Repository.Root, "deploy", "demo-data", "consultations", $"{sample}.json")))!;
        body["clientRef"] = $"PK-{Guid.CreateVersion7():N}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/consultations")
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", $"{sample}-{Guid.CreateVersion7()}");
        using var answer = await partner.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }
}
