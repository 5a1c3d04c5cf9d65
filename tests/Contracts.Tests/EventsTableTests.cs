using System.Text.Json;
using System.Text.RegularExpressions;
using OtPlatform.Testing;

namespace OtPlatform.Contracts.Tests;

/// <summary>The tables of events in contracts/README.md and in the services' pages against the topology and the message records.</summary>
[TestFixture]
internal sealed partial class EventsTableTests
{
    private static List<Row> Table => Read(Path.Combine(Repository.Root, "contracts", "README.md"), "Events", 5);

    private static IEnumerable<string> Services => Directory.GetDirectories(Path.Combine(Repository.Root, "services")).Where(folder => File.Exists(Path.Combine(folder, "Program.cs"))).Select(folder => Path.GetFileName(folder)!);

    private static IEnumerable<string> Owners => Events().Where(message => !IsCommand(message)).Select(PublisherOf).Distinct();

    private static IEnumerable<Type> OfTheTable => Events().Where(message => !IsCommand(message));

    [Test]
    public void Every_event_has_exactly_one_row() =>
        Assert.That(Table.Select(row => row.Event), Is.EquivalentTo(Events().Where(message => !IsCommand(message)).Select(message => message.Name)));

    [Test]
    public void Every_command_has_one_row_and_one_receiver_or_is_for_every_owner_of_streams() =>
        Assert.Multiple(() =>
        {
            foreach (var command in Events().Where(IsCommand))
            {
                var queues = Topology.Subscriptions.Where(subscription => subscription.Messages.Contains(command)).Select(subscription => subscription.Queue).ToList();
                var rows = File.ReadLines(Path.Combine(Repository.Root, "contracts", "README.md")).Where(line => line.StartsWith($"| `{command.Name}` |", StringComparison.Ordinal)).ToList();
                Assert.That(rows, Has.Count.EqualTo(1), command.Name);
                Assert.That(Consumer().Matches(rows[0]).Select(match => match.Groups["queue"].Value), Is.EquivalentTo(queues), command.Name);
                Assert.That(queues, command == typeof(Commands.Replay) ? Is.EquivalentTo(Owners.Select(owner => Topology.ReplayQueueOf(QueuePrefix(owner)))) : Has.Count.EqualTo(1), command.Name);
            }
        });

    [TestCaseSource(nameof(OfTheTable))]
    public void A_row_names_the_publisher_and_every_queue(Type message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var row = Table.Single(row => row.Event == message.Name);
        var queues = Topology.Subscriptions.Where(subscription => subscription.Messages.Contains(message)).Select(subscription => subscription.Queue).ToList();
        var named = Consumer().Matches(row.Cells[4]).Select(match => (Service: match.Groups["service"].Value, Queue: match.Groups["queue"].Value)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(row.Cells[1], Is.EqualTo(PublisherOf(message)));
            Assert.That(named.Select(consumer => consumer.Queue), Is.EquivalentTo(queues));
            Assert.That(named, Has.All.Matches<(string Service, string Queue)>(consumer => consumer.Queue.StartsWith($"{QueuePrefix(consumer.Service)}-", StringComparison.Ordinal)));
        });
    }

    [Test]
    public void A_row_says_when_and_whether_always_or_sometimes() =>
        Assert.Multiple(() =>
        {
            Assert.That(Table.Select(row => row.Cells[2]), Has.None.Empty);
            Assert.That(Table.Select(row => row.Cells[3]), Is.All.EqualTo("always").Or.EqualTo("sometimes"));
        });

    [TestCaseSource(nameof(Events))]
    public void Every_event_has_a_queue_because_a_relay_stops_at_what_no_queue_takes(Type message) =>
        Assert.That(Topology.Subscriptions.Where(subscription => subscription.Messages.Contains(message)), Is.Not.Empty);

    [TestCaseSource(nameof(Services))]
    public void A_service_s_page_lists_what_it_consumes_and_what_it_publishes(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var page = Path.Combine(Repository.Root, "services", service, "README.md");
        var consumed = Topology.Subscriptions.Where(subscription => subscription.Queue.StartsWith($"{QueuePrefix(service)}-", StringComparison.Ordinal)).SelectMany(subscription => subscription.Messages);
        Assert.Multiple(() =>
        {
            Assert.That(Read(page, "Events in", 3).Select(row => row.Event), Is.EquivalentTo(consumed.Select(message => message.Name)));
            Assert.That(Read(page, "Events out", 3).Select(row => row.Event), Is.EquivalentTo(Events().Where(message => !IsCommand(message) && PublisherOf(message) == service).Select(message => message.Name)));
        });
    }

    /// <summary>Every record of a service's namespace, except those that are only parts of other messages.</summary>
    private static IReadOnlyList<Type> Events()
    {
        var records = typeof(Topology).Assembly.GetExportedTypes()
            .Where(type => type.Namespace!.StartsWith($"{typeof(Topology).Namespace}.", StringComparison.Ordinal) && type.GetMethod("<Clone>$") is not null)
            .ToList();
        var parts = records.SelectMany(record => record.GetProperties())
            .SelectMany(property => property.PropertyType.GetGenericArguments().Append(property.PropertyType))
            .ToHashSet();
        var bound = Topology.Subscriptions.SelectMany(subscription => subscription.Messages).ToHashSet();
        return [.. records.Where(record => bound.Contains(record) || !parts.Contains(record))];
    }

    private static bool IsCommand(Type message) => message.Namespace == typeof(Commands.ReserveCapacity).Namespace;

    private static string QueuePrefix(string service) => JsonNamingPolicy.KebabCaseLower.ConvertName(service);

    private static string PublisherOf(Type message) => message.Namespace!.Split('.')[^1];

    private static List<Row> Read(string file, string section, int columns)
    {
        var rows = File.ReadLines(file)
            .SkipWhile(line => line != $"## {section}")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split('|').Select(cell => cell.Trim()).ToList())
            .Select(cells => new Row(cells[0].Trim('`'), cells))
            .ToList();
        Assert.That(rows.Select(row => row.Cells.Count), Is.All.EqualTo(columns), $"{file}, {section}");
        return rows;
    }

    [GeneratedRegex(@"(?<service>\w+) \(`(?<queue>[a-z-]+)`\)")]
    private static partial Regex Consumer();

    private sealed record Row(string Event, IReadOnlyList<string> Cells);
}
