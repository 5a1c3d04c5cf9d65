using System.Collections.Frozen;
using System.Reflection;
using MassTransit;

namespace OtPlatform.Platform.Messaging;

/// <summary>The messages that a queue's consumers take: how many of them take each, and how to say that a message needs nobody.</summary>
internal sealed class ConsumedMessages(IEnumerable<Type> consumers)
{
    private static readonly MethodInfo TellOfOneType = typeof(ConsumedMessages).GetMethod(nameof(Tell), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly FrozenDictionary<string, Known> _known = consumers
        .SelectMany(consumer => consumer.GetInterfaces())
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
        .Select(type => type.GenericTypeArguments[0])
        .GroupBy(message => message)
        .ToFrozenDictionary(
            group => MessageUrn.ForTypeString(group.Key),
            group => new Known(group.Count(), TellOfOneType.MakeGenericMethod(group.Key).CreateDelegate<Func<ConsumeContext, Task>>()));

    /// <summary>How many consumers of the queue take the message.</summary>
    public int Takers(ConsumeContext context) => Of(context).Sum(known => known.Takers);

    /// <summary>Without it a message that no consumer was shown would be moved to the queue of skipped ones.</summary>
    public Task NeedsNobody(ConsumeContext context) => Task.WhenAll(Of(context).Select(known => known.Tell(context)));

    private IEnumerable<Known> Of(ConsumeContext context) => context.SupportedMessageTypes.Select(type => _known.GetValueOrDefault(type)).OfType<Known>();

    private static Task Tell<T>(ConsumeContext context)
        where T : class => context.TryGetMessage<T>(out var typed) ? typed.NotifyConsumed(typed, TimeSpan.Zero, nameof(InTurn)) : Task.CompletedTask;

    private sealed record Known(int Takers, Func<ConsumeContext, Task> Tell);
}
