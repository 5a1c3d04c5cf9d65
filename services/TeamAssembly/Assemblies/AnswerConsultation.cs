using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
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

public sealed partial class TeamsService
{
    public override async Task<Team> AnswerConsultation(AnswerConsultationRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = Inputs.Id(request.Id, "id");
        Inputs.Text(request.Text, "text", Assemblies.AnswerConsultation.LongestText);
        Inputs.Codes(request.Knowledge, "knowledge", Assemblies.AnswerConsultation.MostKnowledge);
        var caller = CallerOf(context);
        var view = await Known(id, context.CancellationToken);
        Guid? expert = Guid.TryParse(caller.Claim(ClaimNames.Expert), out var own) ? own : null;

        if (!(expert is null ? IsCoordinatorOf(view, caller) : view.Members.Any(member => member.ExpertId == expert)))
        {
            throw new RejectedException(MaySee(view, caller) ? Assemblies.AnswerConsultation.NotTheirs : Assembly.NotStarted);
        }

        // The same words to the same question are the same text, so that a repeated call changes nothing; the key keeps the id from telling the words.
        var text = textIds.Id("answer", id.ToString(), request.Text);
        var command = new AnswerConsultation.Command(text, [.. request.Knowledge], expert, policies.Of(view.Area), clock.GetUtcNow());
        var isAwaited = view.Status is AssemblyStatus.Guidance or AssemblyStatus.Arranged;
        if (isAwaited)
        {
            await Put(new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = text.ToString(), Kind = "answer", Text = request.Text }, context.CancellationToken);
        }

        // Never a fact without its words: what began to be awaited only now is answered by the next call.
        return await Deciding(view, context, (_, _) => Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(state =>
            isAwaited || state.AnswerTextId == text ? Assemblies.AnswerConsultation.Decide(state, command) : Assemblies.AnswerConsultation.NothingToAnswer));
    }

    private async Task Put(PutNarrativeRequest text, CancellationToken cancellation)
    {
        try
        {
            await narratives.PutAsync(text, cancellationToken: cancellation);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.InvalidArgument)
        {
            throw new InvalidInputException("text", "No personal identity code may stand in it.");
        }
    }
}
