using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

/// <summary>The key of the answers' text ids.</summary>
public sealed record TextIdOptions
{
    /// <summary>File with the key (32 bytes, base64); the same for every replica.</summary>
    public required string TextKeyFile { get; init; }
}

/// <summary>Where the vault answers.</summary>
public sealed record NarrativesOptions
{
    /// <summary>Intake's gRPC address.</summary>
    public required Uri Address { get; init; }
}

/// <summary>The expert of a single consultation answers, or a coordinator gives guidance. The words are in the vault before the fact is stored.</summary>
public static class AnswerConsultation
{
    public const int LongestText = 20_000;
    public const int MostKnowledge = 50;

    public static readonly Rejection NothingToAnswer = new("team-assembly.nothing-to-answer", "No answer is awaited now.");
    public static readonly Rejection NotTheirs = new("team-assembly.not-the-answerer", "Somebody else answers this consultation.");

    /// <param name="ExpertId">The expert who answers; null for a coordinator.</param>
    public sealed record Command(Guid AnswerTextId, IReadOnlyList<string> Knowledge, Guid? ExpertId, TeamPolicy Policy, DateTimeOffset Now);

    public static Decision<AssemblyEvent> Decide(Assembly state, Command command) => state switch
    {
        { Status: AssemblyStatus.NotStarted } => Assembly.NotStarted,
        { AnswerTextId: { } given } when given == command.AnswerTextId => Decision<AssemblyEvent>.Nothing,
        { Status: AssemblyStatus.Guidance } when command.ExpertId is null => Answered(state, command, "coordinator"),
        { Status: AssemblyStatus.Arranged } when state.Members.Any(member => member.ExpertId == command.ExpertId && command.ExpertId is not null) => Answered(state, command, "expert"),
        { Status: AssemblyStatus.Guidance or AssemblyStatus.Arranged } => NotTheirs,
        _ => NothingToAnswer,
    };

    private static List<AssemblyEvent> Answered(Assembly state, Command command, string by) =>
    [
        .. WhatFollows.GiveAllBack(state, "answered", command.Now, command.Policy.WeekAfter(command.Now)),
        new ConsultationAnswered(state.Id, state.Area, command.AnswerTextId, command.Knowledge, by, command.Now, state.RouteDecidedAt),
    ];
}

/// <summary>An answer or guidance, in words that go to the vault.</summary>
/// <param name="Knowledge">Codes of knowledge items.</param>
public sealed record GivenAnswer(string? Text, IReadOnlyList<string> Knowledge);

/// <summary>Names by which a problem tells what was wrong with an answer.</summary>
public sealed record AnswerFields(string Text, string Knowledge);

public sealed partial class TeamsDesk
{
    /// <exception cref="InvalidInputException">No words, too many, or a personal identity code.</exception>
    public async Task<AssemblyView> Answer(Guid id, GivenAnswer answer, AnswerFields fields, Asking asking)
    {
        Inputs.Text(answer.Text ?? string.Empty, fields.Text, AnswerConsultation.LongestText);
        Inputs.Codes(answer.Knowledge, fields.Knowledge, AnswerConsultation.MostKnowledge);
        var view = await streams.Load<AssemblyView>(id, asking.Cancellation) ?? throw new RejectedException(Assembly.NotStarted);
        Guid? expert = Guid.TryParse(asking.Caller.Claim(ClaimNames.Expert), out var own) ? own : null;

        if (!(expert is null ? IsCoordinatorOf(view, asking.Caller) : view.Members.Any(member => member.ExpertId == expert)))
        {
            throw new RejectedException(MaySee(view, asking.Caller) ? AnswerConsultation.NotTheirs : Assembly.NotStarted);
        }

        // The same words to the same question are the same text, so that a repeated call changes nothing; the key keeps the id from telling the words.
        var text = textIds.Id("answer", id.ToString(), answer.Text!);
        var command = new AnswerConsultation.Command(text, answer.Knowledge, expert, policies.Of(view.Area), clock.GetUtcNow());
        var isAwaited = view.Status is AssemblyStatus.Guidance or AssemblyStatus.Arranged;
        if (isAwaited)
        {
            await Put(new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = text.ToString(), Kind = "answer", Text = answer.Text }, fields.Text, asking.Cancellation);
        }

        // Never a fact without its words: what began to be awaited only now is answered by the next call.
        return await Deciding(view, asking, (_, _) => Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(state =>
            isAwaited || state.AnswerTextId == text ? AnswerConsultation.Decide(state, command) : AnswerConsultation.NothingToAnswer));
    }

    private async Task Put(PutNarrativeRequest text, string field, CancellationToken cancellation)
    {
        try
        {
            await narratives.PutAsync(text, cancellationToken: cancellation);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.InvalidArgument)
        {
            throw new InvalidInputException(field, "No personal identity code may stand in it.");
        }
    }
}
