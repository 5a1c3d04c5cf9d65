using MassTransit;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Tests.Messaging;

/// <summary>What the sample owner's streams hold.</summary>
public abstract record CounterEvent;

/// <summary>Is told to the others.</summary>
public sealed record Counted(Guid CounterId, int Number) : CounterEvent;

/// <summary>Is told to nobody.</summary>
public sealed record Mused(Guid CounterId) : CounterEvent;

/// <summary>Cannot be made into a message as long as the switch says so.</summary>
public sealed record Garbled(Guid CounterId, int Number) : CounterEvent;

/// <summary>What the sample consumer's streams hold.</summary>
public abstract record TallyEvent;

public sealed record Tallied(Guid CounterId, int Number) : TallyEvent;

/// <summary>Two sample services on contract messages: one counts, the other keeps the tally. Their faults can be switched on and off.</summary>
internal static class Sample
{
    public const string Owner = "intake";
    public const string Consumer = "triage";
    public const string Queue = Contracts.Topology.TriageConsultation;

    public static readonly Aggregate<IReadOnlyList<int>, CounterEvent> Counter = new("counter", [], (state, happened) => happened is Counted e ? [.. state, e.Number] : state);

    public static readonly Aggregate<IReadOnlyList<int>, TallyEvent> Tally = new("tally", [], (state, happened) => happened is Tallied e ? [.. state, e.Number] : state);

    /// <summary>The number travels in the text's id, which is a plain place for it.</summary>
    public static object? Map(object happened, Faults faults) => happened switch
    {
        Counted e => new AnswerObjected(e.CounterId, Text(e.Number), DateTimeOffset.UnixEpoch),
        Garbled when faults.CannotMap => throw new FormatException("An event that nobody can read."),
        Garbled e => new AnswerObjected(e.CounterId, Text(e.Number), DateTimeOffset.UnixEpoch),
        _ => null,
    };

    public static int Number(AnswerObjected message) => int.Parse(message.ReasonTextId!.Value.ToString()[^6..], System.Globalization.CultureInfo.InvariantCulture);

    private static Guid Text(int number) => new($"00000000-0000-0000-0000-{number:000000000000}");
}

/// <summary>The switches of one test.</summary>
internal sealed class Faults
{
    private readonly HashSet<int> _poison = [];

    public bool CannotMap { get; set; }

    /// <summary>Whether the consumer does not know yet what the messages are about.</summary>
    public bool IsTooEarly { get; set; }

    public int Calls { get; set; }

    public void Poison(int number) => _poison.Add(number);

    public void Heal() => _poison.Clear();

    public bool IsPoison(int number) => _poison.Contains(number);
}

/// <summary>Writes each number into the tally's own stream, in the order in which the messages are done.</summary>
internal sealed class TallyOnObjected(Inbox inbox, Faults faults) : IConsumer<AnswerObjected>
{
    public Task Consume(ConsumeContext<AnswerObjected> context)
    {
        var (id, number) = (context.Message.ConsultationId, Sample.Number(context.Message));
        faults.Calls++;
        if (faults.IsPoison(number))
        {
            throw new InvalidDataException("A message that this consumer cannot do.");
        }

        return inbox.Once(context, nameof(TallyOnObjected), work => work.Decide(
            Sample.Tally, id, _ => faults.IsTooEarly ? (Decision<TallyEvent>)new Rejection("tally.not-known", "Not here yet.", RejectionKind.NotFound) : new Tallied(id, number), null, context.CancellationToken));
    }
}

/// <summary>A second reaction to the same message, with a stream of its own.</summary>
internal sealed class AlsoTallyOnObjected(Inbox inbox, Faults faults) : IConsumer<AnswerObjected>
{
    public static Guid IdOf(Guid counter) => OtPlatform.Platform.Hosting.Ids.Derived("also", counter);

    public Task Consume(ConsumeContext<AnswerObjected> context)
    {
        var (id, number) = (IdOf(context.Message.ConsultationId), -Sample.Number(context.Message));
        return faults.IsPoison(number)
            ? throw new InvalidDataException("A message that this consumer cannot do.")
            : inbox.Once(context, nameof(AlsoTallyOnObjected), work => work.Decide(Sample.Tally, id, _ => new Tallied(id, number), null, context.CancellationToken));
    }
}
