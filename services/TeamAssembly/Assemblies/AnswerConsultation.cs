using Grpc.Core;
using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;
using OtPlatform.Platform.Streams;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.TeamAssembly.Policies;

namespace OtPlatform.TeamAssembly.Assemblies;

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
        var view = await Visible(id, caller, context.CancellationToken);
        Guid? expert = Guid.TryParse(caller.Claim(ClaimNames.Expert), out var own) ? own : null;

        // The same words to the same question are the same text, so that a repeated call changes nothing.
        var text = Ids.Derived(id, view.Round, request.Text);
        var command = new AnswerConsultation.Command(text, [.. request.Knowledge], expert, policies.Of(view.Area), clock.GetUtcNow());
        var wouldBe = await streams.Load<AssemblyView>(id, context.CancellationToken);
        if (wouldBe is { Status: AssemblyStatus.Guidance or AssemblyStatus.Arranged })
        {
            await narratives.PutAsync(
                new PutNarrativeRequest { ConsultationId = id.ToString(), TextId = text.ToString(), Kind = "answer", Text = request.Text },
                cancellationToken: context.CancellationToken);
        }

        return await Deciding(id, context, (_, _) => Task.FromResult<Func<Assembly, Decision<AssemblyEvent>>>(state => Assemblies.AnswerConsultation.Decide(state, command)));
    }
}
