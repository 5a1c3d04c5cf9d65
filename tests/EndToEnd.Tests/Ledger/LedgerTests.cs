using Npgsql;
using OtPlatform.Local;
using OtPlatform.Local.Faults;
using OtPlatform.Testing;
using RabbitMQ.Client;

namespace OtPlatform.EndToEnd.Tests.Ledger;

/// <summary>The ledger of an ordinary demo is clean, and each of its checks finds what it is there for when a copy of the books is tampered with.</summary>
[TestFixture]
internal sealed class LedgerTests
{
    private const string Doubled = "insert into ot.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, is_archived, causation_id) ";

    private const string Once = "no message has had its effects twice";

    private const string Queues = "no queue holds messages";

    private const string Feeds = "each feed lists every event that it is for";

    private const string Taken = "each message has been taken by every service that it is for";

    private const string Gap = "nobody could have met what is called a gap";

    private const string GapsInPlaceOfTeams =
        "update ot.mt_events e set type = 'service_gap_found', data = jsonb_build_object('foundAt', e.data->'activatedAt', 'routeDecidedAt', e.data->'routeDecidedAt', 'unmetNeeds', s.data->'needs'->0->'key') " +
        "from ot.mt_events s where e.type = 'team_activated' and s.stream_id = e.stream_id and s.type = 'assembly_started'";

    private static readonly TestCaseData[] Tamperings =
    [
        Tampering("intake", "delete from ot.mt_events where stream_id = (select stream_id from ot.mt_events where type = 'consultation_submitted' limit 1)", "each acknowledged request is one consultation"),
        Tampering("triage", "update ot.mt_events set type = 'case_closed' where seq_id = (select min(seq_id) from ot.mt_events where type = 'case_opened')", "each consultation has one case and each case its consultation"),
        Tampering("expertPool", "delete from ot.mt_events where seq_id = (select min(seq_id) from ot.mt_events where type = 'capacity_reserved')", "each stream is whole and begins once"),
        Tampering("teamAssembly", Copy("type = 'team_activated'"), "what may happen once happened once"),
        Tampering("teamAssembly", "update ot.mt_events set data = jsonb_set(data, '{routeDecidedAt}', '\"2026-01-01T00:00:00+00:00\"') where seq_id = (select min(seq_id) from ot.mt_events where type = 'assembly_started')", "each decided route is followed once, and begins one assembly where it needs one"),
        Tampering("intake", "delete from ot.mt_events where seq_id = (select min(seq_id) from ot.mt_events where type = 'route_followed')", "each decided route is followed once, and begins one assembly where it needs one"),
        Tampering("teamAssembly", Copy("type = 'expert_invited'", "jsonb_set(data, '{invitationId}', to_jsonb(gen_random_uuid()::text))"), "no need has two open, accepted or confirmed invitations at once"),
        Tampering("teamAssembly", Copy("type = 'expert_invited'"), "each invitation goes out once, to somebody whose hours were asked for"),
        Tampering("expertPool", "update ot.mt_events set data = jsonb_set(data, '{weeks,0,hours}', '41') where seq_id = (select min(seq_id) from ot.mt_events where type = 'capacity_reserved')", "no expert is booked over the hours of any week"),
        Tampering("expertPool", "update ot.mt_events set type = 'capacity_lapsed' where seq_id = (select min(seq_id) from ot.mt_events where type = 'capacity_confirmed')", "TeamAssembly and ExpertPool agree on every reservation"),
        Tampering("expertPool", "delete from ot.mt_events where type = 'capacity_released' and data->>'fromWeek' is null", "TeamAssembly and ExpertPool agree on every reservation"),
        Tampering("teamAssembly", "delete from ot.mt_events where type in ('team_activated', 'consultation_arranged') or (type = 'capacity_given_back' and data->>'reasonCode' = 'declined'); update ot.mt_events set type = 'invitation_accepted' where type = 'invitation_declined'", "TeamAssembly and ExpertPool agree on every reservation"),
        Tampering("teamAssembly", "update ot.mt_events set type = 'confirmation_requested' where type = 'team_activated'", "each route ended in a working team, an answer, an accepted referral or a gap, or lies with a coordinator"),
        Tampering("teamAssembly", "delete from ot.mt_events where type = 'consultation_answered'", "each route ended in a working team, an answer, an accepted referral or a gap, or lies with a coordinator"),
        Tampering("triage", "delete from ot.mt_events where type = 'referral_accepted'", "each route ended in a working team, an answer, an accepted referral or a gap, or lies with a coordinator"),
        Tampering("teamAssembly", GapsInPlaceOfTeams, Gap),
        Tampering("intake", "update ot.mt_doc_requestersview set data = jsonb_set(data, '{status}', '\"TeamBeingAssembled\"') where data->>'status' = 'TeamWorking'", "Intake shows the requester what TeamAssembly came to"),
        Tampering("intake", "update ot.mt_doc_requestersview set data = jsonb_set(data, '{team,members,1,expertId}', to_jsonb(gen_random_uuid()::text)) where data->>'status' = 'TeamWorking'", "Intake shows the requester what TeamAssembly came to"),
        Tampering("coordination", "delete from ot.mt_doc_journalentry where id = (select id from ot.mt_doc_journalentry limit 1)", "the journal has every published event once, without a gap in its positions"),
        Tampering("coordination", "update ot.mt_doc_queueentry set data = jsonb_set(data, '{status}', '\"Received\"')", "the routing queue shows what Intake shows"),
        Tampering("coordination", "delete from ot.mt_doc_queueentry where id = (select id from ot.mt_doc_queueentry limit 1)", "what was acknowledged to those who asked is in every service"),
        Tampering("triage", "delete from ot.mt_events where stream_id = (select stream_id from ot.mt_events where type = 'case_opened' limit 1)", "what was acknowledged to those who asked is in every service"),
        Tampering("intake", Copy("type = 'triage_took_over'", "data", "causation_id"), Once),
        Tampering("teamAssembly", "delete from ot.mt_doc_inboxentry where id = (select min(id) from ot.mt_doc_inboxentry where id like 'StartAssemblyOnRouteDecided%')", Once),
        Tampering("expertPool", "update ot.mt_event_progression set last_seq_id = last_seq_id - 1 where name <> 'HighWaterMark'", "each relay has passed the last event of its service"),
        Tampering("triage", "create table if not exists ot.mt_doc_parkedmessage (id varchar primary key, data jsonb not null); insert into ot.mt_doc_parkedmessage (id, data) values ('a-queue:a-message', '{}')", "no message and no stream is set aside"),
        Tampering("teamAssembly", "delete from ot.mt_doc_feedentry where id = (select min(id) from ot.mt_doc_feedentry where data->>'what' = 'ExpertInvited')", Feeds),
        Tampering("intake", "update ot.mt_doc_feedentry set data = jsonb_set(data, '{what}', '\"TeamStarted\"') where id = (select min(id) from ot.mt_doc_feedentry where data->>'what' = 'ConsultationSubmitted')", Feeds),
        Tampering("expertPool", "delete from ot.mt_doc_inboxentry where id = (select min(id) from ot.mt_doc_inboxentry where id like 'KeepHoursOnConfirmCapacity%')", Taken),
        Tampering("triage", "update ot.mt_doc_routingqueueentry set data = jsonb_set(data, '{version}', '1')", "each view is at the version of its stream"),
    ];

    private RunningSystem _system = null!;
    private Books _clean = null!;
    private string _acknowledged = "";
    private int _demo;
    private int _copies;

    [OneTimeSetUp]
    public async Task Run_the_demo()
    {
        _system = await RunningSystem.Start();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        _demo = await _system.Demo(limit.Token);
        _acknowledged = Path.Combine(Path.GetDirectoryName(_system.EndpointsFile)!, "acknowledged");
        await File.WriteAllLinesAsync(_acknowledged, await _system.Rows("intake", "select data->>'consultationId' from ot.mt_doc_idempotencykey"));
        await Eventually.Holds(async () => Assert.That(_clean = await Books.Read(_system.EndpointsFile, _acknowledged), Has.Property("Code").Zero), TimeSpan.FromSeconds(60));

        // A database that is in use cannot be copied.
        foreach (var service in ServiceCatalogue.All.Select(row => row.Name))
        {
            await _system.Kill(service);
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await _system.DisposeAsync();

    [Test]
    public void The_demo_ends_as_expected_and_leaves_clean_books()
    {
        Assert.That(_demo, Is.Zero);
        Assert.That(_clean.Failed, Is.Empty);
    }

    [Test]
    public void Every_check_but_that_of_gaps_has_something_to_look_at_in_the_demo() =>
        Assert.That(_clean.Looked.Where(check => check.Value == 0).Select(check => check.Key), Is.SubsetOf(new[] { Gap }));

    [Test]
    public void Every_check_is_tampered_with_below() =>
        Assert.That(_clean.Looked.Keys, Is.SubsetOf(Tamperings.Select(tampering => (string)tampering.Arguments[2]!).Append(Queues)));

    [Test]
    public async Task A_message_in_an_error_queue_is_found_out()
    {
        const string queue = "triage-consultation_error";
        await using var connection = await new ConnectionFactory { Uri = new Uri(_system.Endpoints.RabbitMq) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await channel.BasicPublishAsync(string.Empty, queue, "{}"u8.ToArray());

        Books? found = null;
        try
        {
            // The broker counts every few seconds.
            await Eventually.Holds(async () => Assert.That((found = await Books.Read(_system.EndpointsFile, _acknowledged)).Failed, Is.EqualTo([Queues])), TimeSpan.FromSeconds(30));
        }
        finally
        {
            await channel.QueueDeleteAsync(queue);
        }

        Assert.That(found!.Output, Does.Contain($"queue {queue}: holds 1"));
        await Eventually.Holds(async () => Assert.That((await Books.Read(_system.EndpointsFile, _acknowledged)).Failed, Is.Empty), TimeSpan.FromSeconds(30));
    }

    [TestCaseSource(nameof(Tamperings))]
    public async Task A_tampered_copy_of_the_books_is_found_out(string service, string change, string check)
    {
        var found = await AfterChange(service, change);

        Assert.That(found.Code, Is.EqualTo(1), found.Output);
        Assert.That(found.Failed, Does.Contain(check), found.Output);
    }

    [Test]
    public async Task A_gap_in_what_nobody_knows_is_a_gap()
    {
        const string unknown = "update ot.mt_events set data = jsonb_set(data, '{needs,0}', data->'needs'->0 || '{\"code\": \"what.nobody-knows\", \"key\": \"topic:what.nobody-knows\"}') where type = 'assembly_started' and jsonb_array_length(data->'needs') > 0; ";

        var found = await AfterChange("teamAssembly", unknown + GapsInPlaceOfTeams);

        Assert.That(found.Looked[Gap], Is.Positive, found.Output);
        Assert.That(found.Failed, Does.Not.Contain(Gap), found.Output);
    }

    private static TestCaseData Tampering(string service, string change, string check) =>
        new TestCaseData(service, change, check).SetArgDisplayNames(service, change.Split(' ', 2)[0], check);

    /// <summary>The first event of its kind once more, at the end of its stream.</summary>
    private static string Copy(string which, string data = "data", string cause = "null") =>
        $"{Doubled} select (select max(seq_id) + 1 from ot.mt_events), gen_random_uuid(), stream_id, (select max(version) + 1 from ot.mt_events l where l.stream_id = e.stream_id), {data}, type, timestamp, tenant_id, is_archived, {cause} " +
        $"from ot.mt_events e where seq_id = (select min(seq_id) from ot.mt_events where {which})";

    /// <summary>Reads a copy of all books, one of them changed.</summary>
    private async Task<Books> AfterChange(string service, string change)
    {
        var (prefix, endpoints) = ($"ledger_{++_copies}_", await File.ReadAllTextAsync(_system.EndpointsFile));
        foreach (var database in _system.Endpoints.Databases.Values)
        {
            await Execute("postgres", $"create database {prefix}{database} template {database}");
            endpoints = endpoints.Replace($"\"{database}\"", $"\"{prefix}{database}\"", StringComparison.Ordinal);
        }

        var file = Path.Combine(Path.GetDirectoryName(_system.EndpointsFile)!, $"{prefix}endpoints.json");
        await File.WriteAllTextAsync(file, endpoints);
        Assert.That(await Execute($"{prefix}{_system.Endpoints.Databases[service]}", change), Is.Positive, "Nothing was changed.");
        return await Books.Read(file, _acknowledged);
    }

    private async Task<int> Execute(string database, string change)
    {
        await using var store = NpgsqlDataSource.Create($"{_system.Endpoints.Postgres};Database={database};Pooling=false");
#pragma warning disable CA2100 // The tests' own text.
        await using var command = store.CreateCommand(change);
#pragma warning restore CA2100
        return await command.ExecuteNonQueryAsync();
    }
}
