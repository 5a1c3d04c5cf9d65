using System.Text.Json;
using System.Text.RegularExpressions;
using OtPlatform.Contracts;
using OtPlatform.Coordination.Console;
using OtPlatform.Coordination.Console.Policies;
using OtPlatform.Coordination.Journal;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Console;

/// <summary>The console's words: the same in each language, and one for everything that a person meets.</summary>
[TestFixture]
internal sealed partial class TextsTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "services", "Coordination", "Console");
    private static readonly JsonElement Policy = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.CataloguePath, "policies", "default.json"))).RootElement;

    private static Dictionary<string, string> Words(string language) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(Folder, "Texts", $"{language}.json")))!;

    private static IEnumerable<string> Languages => ConsoleTexts.Languages;

    [Test]
    public void Every_message_over_gRPC_has_its_texts_in_Finnish_and_Swedish() => MessagesIn.AreAllTranslated(typeof(Program).Assembly, 8);

    /// <summary>Kinds of text that a coordinator may come to read, as docs/vault.md names what the vault holds.</summary>
    private static readonly string[] TextKinds =
    [
        "question", "triedSoFar", "strengths", "childsView", "contactWarning", "legalBasisReference", "responsibleWorkerUnit", "requesterContact", "unknownCodes",
        "information", "message", "safety", "reopening", "objection", "correction", "feedback", "consentWithdrawal", "answer", "reason", "note",
    ];

    [Test]
    public void Finnish_is_first_and_whoever_has_not_chosen_gets_it() => Assert.Multiple(() =>
    {
        Assert.That(ConsoleTexts.Languages[0], Is.EqualTo("fi"));
        Assert.That(new ConsoleTexts(Repository.Catalogue).In(null).Language, Is.EqualTo("fi"));
        Assert.That(new ConsoleTexts(Repository.Catalogue).In("xx").Language, Is.EqualTo("fi"));
    });

    [TestCaseSource(nameof(Languages))]
    public void Every_language_has_the_same_texts_with_the_same_places_to_fill(string language)
    {
        var (finnish, own) = (Words("fi"), Words(language));
        Assert.Multiple(() =>
        {
            Assert.That(own.Keys, Is.EquivalentTo(finnish.Keys));
            Assert.That(own.Values, Has.None.Empty);
            Assert.That(own.Where(text => !Places(text.Value).SequenceEqual(Places(finnish[text.Key]))).Select(text => text.Key), Is.Empty);
        });
    }

    [Test]
    public void Every_text_that_the_pages_name_exists()
    {
        var named = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(file => Named().Matches(File.ReadAllText(file)).Select(match => match.Groups["key"].Value))
            .Distinct()
            .ToList();
        Assert.Multiple(() =>
        {
            Assert.That(named, Has.Count.GreaterThan(100));
            Assert.That(named.Except(Words("fi").Keys), Is.Empty);
        });
    }

    [Test]
    public void Every_code_that_a_person_meets_has_words()
    {
        var codes = Repository.Catalogue.Codes;
        var met = new Dictionary<string, IEnumerable<string>>
        {
            ["status"] = Enum.GetValues<ConsultationStatus>().Select(Codes.Of),
            ["accountable"] = Enum.GetValues<Accountable>().Select(Codes.Of),
            ["route"] = Enum.GetValues<Route>().Select(Codes.Of),
            ["ground"] = Enum.GetValues<Ground>().Select(Codes.Of),
            ["urgency"] = Enum.GetValues<Urgency>().Select(Codes.Of),
            ["kind"] = Enum.GetValues<ConsultationKind>().Select(Codes.Of),
            ["invitationStatus"] = Enum.GetValues<InvitationStatus>().Select(Codes.Of),
            ["refusal"] = Enum.GetValues<RefusalKind>().Select(Codes.Of),
            ["sector"] = codes.Sectors,
            ["asked"] = ["situation", "triedSoFar", "topics", "involvedServices", "legalBasis"],
            ["messageTo"] = ["team", "expert", "receiver", "keyPerson", "coordinator", "coordinatingTeam", "areaCoordinators"],
            ["textKind"] = TextKinds,
            ["channel"] = codes.Channels,
            ["teamRole"] = codes.TeamRoles,
            ["marks"] = codes.Marks,
            ["topicClasses"] = Repository.Catalogue.Topics.Select(topic => topic.Class),
            ["topicLevels"] = Repository.Catalogue.Topics.Select(topic => topic.Level),
            ["row"] = Policy.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("code").GetString()!),
            ["overrideReason"] = Listed("triage", "overrideReasons"),
            ["returnReason"] = Listed("triage", "returnReasons"),
            ["policyReason"] = Listed("triage", "policyReasons"),
            ["unit"] = PolicySettings.Units,
            ["time"] = PolicySettings.Units,
            ["declineReason"] = Listed("team", "declineReasons"),
            ["assessorReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.AssessorReasons,
            ["assessorReleased"] = ["routeDecided", "linked", "noAnswer", "timeOver", "caseOver"],
            ["networkCoordinatorReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.NetworkCoordinatorReasons,
            ["networkCoordinatorAdvice"] = ["needed", "coordinatorDecides", "notNeeded"],
            ["service"] = codes.Services,
            ["requesterRole"] = codes.RequesterRoles,
            ["linkReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.LinkReasons,
            ["transferReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.TransferReasons,
            ["keepReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.KeepReasons,
            ["transferStatus"] = ["awaitsTeam", "refused", "proposed", "accepted", "returned"],
            ["takeOverReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.TakeOverReasons,
            ["unlinkReason"] = OtPlatform.Coordination.Console.Consultations.ConsultationView.UnlinkReasons,
            ["outcome"] = Listed("team", "outcomes"),
            ["event"] = Topology.Subscriptions.Where(subscription => ContractEvent.Queues.Contains(subscription.Queue)).SelectMany(subscription => subscription.Messages).Select(message => message.Name),
        };
        var words = Words("fi");
        Assert.That(met.SelectMany(list => list.Value.Select(code => $"{list.Key}.{code}")).Where(key => !words.ContainsKey(key)), Is.Empty);
    }

    [TestCaseSource(nameof(Languages))]
    public void Every_setting_of_a_policy_and_every_section_has_a_name(string language)
    {
        var words = new ConsoleTexts(Repository.Catalogue).In(language);
        var paths = PolicySettings.Of(System.Text.Json.Nodes.JsonNode.Parse(Policy.GetRawText())!.AsObject()).SelectMany(setting => new[] { setting.Path, setting.Section }).Distinct();
        Assert.That(paths.Where(path => SettingWords.Name(words, path).Split(": ").Any(name => path.Split('.').Contains(name))), Is.Empty);
    }

    [Test]
    public void Every_fault_of_a_document_that_has_words_has_them()
    {
        var words = Words("fi");
        Assert.That(FaultWords.Sentences.Select(known => known.Key).Where(key => !words.ContainsKey(key)), Is.Empty);
    }

    [Test]
    public void A_code_that_no_list_knows_yet_stands_for_itself() =>
        Assert.That(new ConsoleTexts(Repository.Catalogue).In("sv").Code("outcome", "something-new"), Is.EqualTo("something-new"));

    [TestCase("marks", ">= 2 of unclear, sent-on", ">= 2 joukosta epäselvä, lähetetty eteenpäin")]
    [TestCase("kind", "clientWork", "Asiakastyö")]
    [TestCase("highRisk", "true", "Kyllä")]
    [TestCase("services", ">= 3", ">= 3")]
    public void What_a_row_found_is_said_in_words(string fact, string found, string words) =>
        Assert.That(new ConsoleTexts(Repository.Catalogue).In("fi").Finding(fact, found), Is.EqualTo(words));

    [TestCase("fi", "20.11.2026 klo 10.05")]
    [TestCase("sv", "20.11.2026 kl. 10.05")]
    [TestCase("en", "20 Nov 2026 10:05")]
    public void Times_are_those_of_Finland(string language, string shown) =>
        Assert.That(new ConsoleTexts(Repository.Catalogue).In(language).Time(new DateTimeOffset(2026, 11, 20, 8, 5, 0, TimeSpan.Zero)), Is.EqualTo(shown));

    private static IEnumerable<string> Listed(string section, string list) => Policy.GetProperty(section).GetProperty(list).EnumerateArray().Select(code => code.GetString()!);

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(match => match.Value).Order();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex("(?:Words(?:\\.Format)?[\\[(]|\"Text\"\\] = |Message\\(http, )\"(?<key>[A-Za-z.-]+)\"")]
    private static partial Regex Named();
}
