using System.Text.Json;
using OtPlatform.Contracts;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.ExpertPool.Topics;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Webhooks;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.Testing;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Architecture.Tests;

/// <summary>docs/glossary.md against the code: nothing that a person meets is without a Finnish and a Swedish word.</summary>
[TestFixture]
internal sealed class GlossaryTests
{
    private static readonly string[] Columns = ["English", "Finnish", "Swedish", "meaning", "file"];

    private static IEnumerable<TestCaseData> Notions =>
        new (string Section, IEnumerable<string> Names)[]
        {
            ("Events of a consultation", EventsOf<ConsultationEvent>()),
            ("Events of a webhook", EventsOf<WebhookEvent>()),
            ("Events of an absence follow-up", EventsOf<AbsenceEvent>()),
            ("Statuses of an absence follow-up", CodesOf<AbsenceStatus>()),
            ("Events of a case", EventsOf<TriageEvent>()),
            ("Events of an expert", EventsOf<ExpertEvent>()),
            ("Events of a knowledge holder", EventsOf<KnowledgeHolderEvent>()),
            ("Events of a standing team", EventsOf<StandingTeamEvent>()),
            ("Events of a topic", EventsOf<TopicEvent>()),
            ("Events of an assembly", EventsOf<AssemblyEvent>()),
            ("Statuses of an assembly", CodesOf<AssemblyStatus>()),
            ("Statuses of an invitation", CodesOf<InvitationStatus>()),
            ("Statuses of a consultation", CodesOf<ConsultationStatus>()),
            ("Statuses of a case", CodesOf<CaseStatus>()),
            ("Statuses of a reservation", CodesOf<ReservationStatus>()),
            ("Routes", CodesOf<Route>()),
            ("Why a matter belongs to the OT centre", CodesOf<Ground>()),
            ("Who is accountable", CodesOf<Accountable>()),
            ("Marks", Repository.Catalogue.Codes.Marks),
        }.Select(notion => new TestCaseData(notion.Section, notion.Names).SetArgDisplayNames(notion.Section));

    [TestCaseSource(nameof(Notions))]
    public void Each_has_exactly_one_row_in_its_section(string section, IEnumerable<string> names) =>
        Assert.That(Rows().Where(row => row.Section == section).Select(row => row.Name), Is.EquivalentTo(names));

    [Test]
    public void Every_row_fills_the_five_columns() =>
        Assert.That(
            Rows().Where(row => row.Cells.Count != Columns.Length || row.Cells.Any(string.IsNullOrEmpty)).Select(row => row.Name),
            Is.Empty);

    [Test]
    public void Every_row_names_a_file_that_holds_its_name() =>
        Assert.That(
            Rows().Where(row => !File.Exists(row.File) || !File.ReadAllText(row.File).Contains(row.CodeName ?? string.Empty, StringComparison.OrdinalIgnoreCase)).Select(row => row.Name),
            Is.Empty);

    private static IEnumerable<string> EventsOf<T>() => typeof(T).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T))).Select(type => type.Name);

    private static IEnumerable<string> CodesOf<T>()
        where T : struct, Enum => Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName);

    private static IEnumerable<Row> Rows()
    {
        var section = string.Empty;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "glossary.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
            }
            else if (line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith($"| {Columns[0]} |", StringComparison.Ordinal))
            {
                yield return new Row(section, [.. line.Trim()[1..^1].Split('|').Select(cell => cell.Trim())]);
            }
        }
    }

    private sealed record Row(string Section, IReadOnlyList<string> Cells)
    {
        public string Name => Cells[0].Trim('`');

        /// <summary>What stands in backticks in the first cell, or null.</summary>
        public string? CodeName => Cells[0].Split('`') is [_, var code, ..] ? code : null;

        public string File => Path.Combine(Repository.Root, Cells[^1].Trim('`'));
    }
}
