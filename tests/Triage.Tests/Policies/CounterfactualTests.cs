using FsCheck;
using FsCheck.Fluent;
using OtPlatform.Contracts;
using OtPlatform.Testing;
using OtPlatform.Triage.Policies;
using OtPlatform.Triage.Tests.TriageCases;
using OtPlatform.Triage.TriageCases;
using State = OtPlatform.Triage.Tests.Policies.EverySmallerChange.State;

namespace OtPlatform.Triage.Tests.Policies;

/// <summary>The smallest changes that lead elsewhere, against a search through all changes.</summary>
[TestFixture]
internal sealed class CounterfactualTests
{
    private const int Services = 5;
    private const int Reach = 3;

    /// <summary>Few enough that every set of changes can be tried.</summary>
    private static readonly string[] Marks = ["a", "b", "c", "d"];

    private static readonly Topic[] Topics =
    [
        Topic("plain", "basic", false, "any", Urgency.Routine),
        Topic("heavy", "mostDemanding", false, "any", Urgency.Soon),
        Topic("rare", "rareProblem", true, "special", Urgency.Routine),
        Topic("broken", "systemProblem", false, "any", Urgency.Urgent, "b"),
        Topic("twin", "rareProblem", true, "special", Urgency.Routine),
    ];

    /// <param name="Shape">What the rows look at.</param>
    public sealed record Story(int[] Shape, int Settings, int Safety, int Counts, int Marks, int Topics);

    private static readonly Arbitrary<Story> Stories = ArbMap.Default.GeneratorFor<int>().Select(Math.Abs).ArrayOf(24)
        .SelectMany(shape => ArbMap.Default.GeneratorFor<int>().ArrayOf(5).Select(other => new Story(shape, other[0] & 0xffff, other[1] & 0xffff, other[2] & 0xffff, other[3] & 0xffff, other[4] & 0xffff))).ToArbitrary();

    [Test]
    public void Of_the_smallest_changes_none_is_missing_none_is_larger_and_each_leads_where_it_says() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(1000), Prop.ForAll(Stories, story =>
        {
            var rules = PolicyOf(story);
            var space = new FactSpace(rules, Topics, Marks, [.. Enumerable.Range(0, Services).Select(number => $"service-{number}")]);
            Matches(space, new EverySmallerChange(rules, Topics, Marks, Services), StateOf(story));
        }));

    [Test]
    public void Under_the_shipped_policy_too()
    {
        var policy = Cases.Policy;
        var marks = Repository.Catalogue.Codes.Marks;
        Topic[] topics = [.. new[] { "violence.family", "divorce.high-conflict", "adoption", "crime.path-antisocial", "mental-health.youth" }.Select(code => policy.Topic(code)!)];
        var space = new FactSpace(policy.Rules, topics, marks, [.. Enumerable.Range(0, Services).Select(number => $"service-{number}")]);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40).WithEndSize(1000), Prop.ForAll(Stories, story =>
            Matches(space, new EverySmallerChange(policy.Rules, topics, marks, Services), StateOf(story) with { Marks = (ulong)story.Marks & 0x3ff & (ulong)(story.Marks >> 3) })));
    }

    private static void Matches(FactSpace space, EverySmallerChange every, State from)
    {
        var answers = space.Counterfactuals(every.FactsOf(from));
        var own = every.OutcomeOf(from);
        var within = every.Within(from, Reach, 1);
        Assert.That(answers.Select(answer => answer.Outcome), Is.Unique.And.None.EqualTo(own));
        Assert.That(answers.Any(answer => answer.Outcome == Outcomes.InTriage), Is.EqualTo(!from.Danger));
        foreach (var answer in answers.Where(answer => answer.Outcome != Outcomes.InTriage))
        {
            var means = answer.Sets.SelectMany(set => every.Applied(from, set)).ToList();
            Assert.That(answer.Sets.Select(set => set.Sum(change => change.Count)), Is.All.EqualTo(answer.Changes));
            Assert.That(means.Select(every.OutcomeOf), Is.All.EqualTo(answer.Outcome));
            if (within.TryGetValue(answer.Outcome, out var least))
            {
                Assert.That(EverySmallerChange.Cost(answer), Is.LessThanOrEqualTo(least.Cost), answer.Outcome);
                if (EverySmallerChange.Cost(answer) == least.Cost)
                {
                    Assert.That(means, answer.More == 0 ? Is.EquivalentTo(least.States) : Is.Unique.And.SubsetOf(least.States), answer.Outcome);
                }
            }

            if (answer.Changes <= Reach && answer.Fixed <= 1)
            {
                Assert.That(within.GetValueOrDefault(answer.Outcome).Cost, Is.EqualTo(EverySmallerChange.Cost(answer)), answer.Outcome);
            }
        }

        Assert.That(within.Keys.Where(outcome => outcome != own), Is.SubsetOf(answers.Select(answer => answer.Outcome)));
    }

    private static State StateOf(Story story) => new(
        (ConsultationKind)(story.Settings % 3),
        story.Counts % 3,
        story.Counts / 3 % 2,
        story.Counts / 6 % 3 == 0,
        ((string[])["consent", "anonymous", "ended"])[story.Safety % 3],
        (Urgency)(story.Safety / 3 % 3),
        story.Safety / 9 % 3 == 0,
        story.Safety / 27 % 4 == 0,
        (ulong)story.Marks & 0xf & (ulong)(story.Marks >> 4),
        story.Counts / 18 % (Services + 1),
        (ulong)story.Topics & 0x1f & (ulong)(story.Topics >> 5));

    /// <summary>A policy of up to five rows out of random numbers; the last one holds always.</summary>
    private static RoutingPolicy PolicyOf(Story story)
    {
        var at = 0;
        int Next(int below) => story.Shape[at++ % story.Shape.Length] % below;
        string[] SomeMarks() => [.. Marks.Where((_, mark) => (Next(15) + 1 >> mark & 1) != 0).DefaultIfEmpty("a")];
        Condition Of(int depth) => Next(depth > 0 ? 14 : 11) switch
        {
            0 => new() { KindIn = [(ConsultationKind)Next(3)] },
            1 => new() { TriedAtMost = Next(3) },
            2 => new() { InformationAskedAtMost = Next(2) },
            3 => new() { HighRisk = Next(2) == 0 },
            4 => new() { ImmediateDanger = Next(2) == 0 },
            5 => new() { UrgencyIn = [(Urgency)Next(3)] },
            6 => new() { ServicesAtLeast = Next(4) },
            7 => new() { EveryTopicRareByDefault = Next(2) == 0 },
            8 => new() { AnyTopicLevelIn = ["special"] },
            9 => new() { AnyTopicClassIn = [Topics[Next(5)].Class, Topics[Next(5)].Class] },
            10 or 11 => new() { MarksAtLeast = new(1 + Next(3), SomeMarks()) },
            12 => new() { All = [Of(depth - 1), Of(depth - 1)] },
            _ => Next(2) == 0 ? new() { Any = [Of(depth - 1), Of(depth - 1)] } : new() { Not = Of(depth - 1) },
        };
        var rows = Enumerable.Range(0, 1 + Next(4))
            .Select(number => Next(4) == 0
                ? new PolicyRow($"row-{number}", Of(2), Consequence.AskRequester, Asks: ["triedSoFar"])
                : new PolicyRow($"row-{number}", Of(2), Consequence.Route, (Route)Next(7)))
            .Append(new PolicyRow("last", new() { Always = true }, Consequence.Route, (Route)Next(7)))
            .ToList();
        return Cases.Policy.Rules with { Rows = rows, Triage = Cases.Policy.Rules.Triage with { HighRiskAtLeast = (Route)Next(4) } };
    }

    private static Topic Topic(string code, string of, bool rare, string level, Urgency urgency, params string[] marks) =>
        new(code, of, rare, level, marks, [], urgency, code, code, code, new DateOnly(2026, 1, 1));
}
