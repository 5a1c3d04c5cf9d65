using System.Reflection;
using System.Text.RegularExpressions;
using OtPlatform.Coordination.Journal;
using OtPlatform.ExpertPool.Experts;
using OtPlatform.ExpertPool.KnowledgeHolders;
using OtPlatform.ExpertPool.StandingTeams;
using OtPlatform.ExpertPool.Topics;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;
using OtPlatform.Intake.Webhooks;
using OtPlatform.Platform;
using OtPlatform.Platform.Streams;
using OtPlatform.TeamAssembly.Assemblies;
using OtPlatform.Testing;
using OtPlatform.Triage.PolicyVersions;
using OtPlatform.Triage.TriageCases;
using Assembly = System.Reflection.Assembly;

namespace OtPlatform.Architecture.Tests;

/// <summary>The rules that hold the services apart and the deciders pure.</summary>
[TestFixture]
internal sealed partial class RulesTests
{
    private static readonly Assembly[] Services = [typeof(ConsultationEvent).Assembly, typeof(TriageEvent).Assembly, typeof(ExpertEvent).Assembly, typeof(AssemblyEvent).Assembly, typeof(JournalEntry).Assembly];
    private static readonly Assembly Platform = typeof(ServiceIdentity).Assembly;

    private static IEnumerable<MethodInfo> Deciders => Services.SelectMany(service => service.GetTypes())
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => method.Name == "Decide");

    private static readonly Type[] EventBases = [typeof(ConsultationEvent), typeof(WebhookEvent), typeof(AbsenceEvent), typeof(TriageEvent), typeof(PolicyEvent), typeof(ExpertEvent), typeof(KnowledgeHolderEvent), typeof(StandingTeamEvent), typeof(TopicEvent), typeof(AssemblyEvent)];

    private static IEnumerable<Type> Events => Services.SelectMany(service => service.GetTypes()).Where(type => EventBases.Any(type.IsSubclassOf));

    [Test]
    public void No_service_references_another()
    {
        var names = Services.Select(service => service.GetName().Name!).ToList();
        foreach (var service in Services)
        {
            var others = names.Where(name => name != service.GetName().Name);
            Assert.That(service.GetReferencedAssemblies().Select(reference => reference.Name).Intersect(others), Is.Empty, service.GetName().Name);
        }
    }

    [Test]
    public void Platform_references_no_service() =>
        Assert.That(Platform.GetReferencedAssemblies().Select(reference => reference.Name).Intersect(Services.Select(service => service.GetName().Name)), Is.Empty);

    [Test]
    public void Platform_knows_no_domain_word()
    {
        string[] words = ["Consultation", "Triage", "Expert", "Team", "Partner", "County", "Requester", "Coordinator", "Referral", "Child"];
        var names = Platform.GetTypes().Where(type => type.FullName!.StartsWith("OtPlatform.", StringComparison.Ordinal)).SelectMany(type => type.GetMembers().Select(member => member.Name).Append(type.Name));
        Assert.That(names.Where(name => words.Any(word => Words().Split(name).Contains(word))).Distinct(), Is.Empty);
    }

    [Test]
    public void Deciding_is_static_and_synchronous_and_gives_a_decision()
    {
        Assert.That(Deciders, Is.Not.Empty);
        foreach (var decide in Deciders)
        {
            var name = $"{decide.DeclaringType!.Name}.Decide";
            Assert.That(decide.IsStatic, Is.True, name);
            Assert.That(decide.ReturnType.IsGenericType && decide.ReturnType.GetGenericTypeDefinition() == typeof(Decision<>), Is.True, name);
            Assert.That(decide.GetParameters(), Has.Length.EqualTo(2), name);
            Assert.That(decide.GetParameters()[1].ParameterType.Name, Is.EqualTo("Command"), name);
        }
    }

    [Test]
    public void Events_are_sealed_records_and_hold_no_text()
    {
        string[] telling = ["Question", "Note", "Message", "Comment", "Description", "Email", "Phone", "Unit", "ClientRef"];
        foreach (var happened in Events)
        {
            Assert.That(happened.IsSealed, Is.True, happened.Name);
            Assert.That(happened.GetProperties().Where(property => property.PropertyType == typeof(string)).Select(property => property.Name).Intersect(telling), Is.Empty, happened.Name);
        }
    }

    [Test]
    public void Only_the_streams_seam_and_the_registration_of_documents_touch_the_store()
    {
        var touching = Directory.GetFiles(Path.Combine(Repository.Root, "services"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("Substitutes", StringComparison.Ordinal) && !file.Contains($"{Path.DirectorySeparatorChar}Platform{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file) is var text && (text.Contains("IDocumentSession", StringComparison.Ordinal) || text.Contains("IDocumentStore", StringComparison.Ordinal)));
        Assert.That(touching, Is.Empty);
    }

    [Test]
    public void Nothing_in_the_code_knows_which_package_stands_behind_the_switch()
    {
        var knowing = Directory.GetFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.EndsWith("RulesTests.cs", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file) is var text && (text.Contains("USE_SUBSTITUTES", StringComparison.Ordinal) || text.Contains("OtPlatform.Substitutes", StringComparison.Ordinal)));
        Assert.That(knowing, Is.Empty);
    }

    [Test]
    public void The_journal_does_not_know_the_console()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "services", "Coordination", "Journal"), "*.cs");
        Assert.Multiple(() =>
        {
            Assert.That(files, Is.Not.Empty);
            Assert.That(files.Where(file => File.ReadAllText(file).Contains("Coordination.Console", StringComparison.Ordinal)), Is.Empty);
        });
    }

    [Test]
    public void A_program_is_composition_only_and_short()
    {
        foreach (var service in new[] { "Intake", "Triage", "ExpertPool", "Coordination" })
        {
            Assert.That(File.ReadAllLines(Path.Combine(Repository.Root, "services", service, "Program.cs")), Has.Length.LessThanOrEqualTo(60), service);
        }
    }

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])|[_<>`]")]
    private static partial Regex Words();
}
