using OtPlatform.Contracts;
using OtPlatform.Intake.Narratives;
using OtPlatform.Platform.Security;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What a write led to.</summary>
/// <param name="View">As it stands now; unchanged when the rule said no.</param>
public sealed record Written(RequestersView View, Rejection? Rejection);

/// <summary>Where callers meet consultations, whichever interface they come through: who sees what, in which words, and who may write.</summary>
public sealed class RequestersDesk(StreamStore streams, Vault vault, RequestersWords words, TimeProvider clock)
{
    /// <summary>Codes of what a text is read for by those who see the consultation itself.</summary>
    private const string RequestersOwnReading = "requester";
    private const string CoordinatorsReading = "coordination";

    /// <summary>The consultation when the caller may see it, else null: a partner its own organisation's, a coordinator the area's.</summary>
    public async Task<RequestersView?> Visible(Guid id, Caller caller, CancellationToken cancellation) =>
        await streams.Load<RequestersView>(id, cancellation) is { } view && ReadConsultation.MaySee(caller, view) ? view : null;

    /// <summary>The consultation when the caller's organisation sent it, else null.</summary>
    public async Task<RequestersView?> Own(Guid id, Caller caller, CancellationToken cancellation) =>
        await streams.Load<RequestersView>(id, cancellation) is { } view && caller.Claim(ClaimNames.Organisation) == view.Organisation ? view : null;

    /// <summary>The consultation in words, with the texts of answer and messages where the caller may read them; that reading is written down.</summary>
    public async Task<ConsultationAnswer> Show(RequestersView view, Caller caller, CancellationToken cancellation)
    {
        var own = caller.Claim(ClaimNames.Organisation) == view.Organisation;
        var wanted = view.Messages.Select(message => message.Id).ToHashSet();
        if (view.Answer is { } answer)
        {
            wanted.Add(answer.TextId);
        }

        var texts = wanted.Count > 0 && (own || Caller.HasScope(caller.Principal, Scopes.NarrativeRead))
            ? await vault.ReadOf(view.Id, text => wanted.Contains(text.Id) && (own || view.IsOpenToOthers(text.Id)), own ? RequestersOwnReading : CoordinatorsReading, caller.Subject, cancellation)
            : [];
        return await streams.Named(words.Render(view, caller, texts.ToDictionary(text => text.Id, text => text.Text)), view, cancellation);
    }

    /// <summary>Decides on the caller's own consultation, together with the texts that the decision names.</summary>
    /// <param name="cause">Id of the request.</param>
    /// <param name="expected">The version that the caller decided on; null leaves that open.</param>
    /// <param name="texts">Texts by kind.</param>
    /// <param name="decide">Gets the time and the ids of the sealed texts.</param>
    public async Task<Written> Write(
        RequestersView view,
        Caller caller,
        string cause,
        long? expected,
        IReadOnlyDictionary<string, string> texts,
        Func<Consultation, DateTimeOffset, IReadOnlyDictionary<string, Guid>, Decision<ConsultationEvent>> decide,
        CancellationToken cancellation)
    {
        if (view.Erased is not null)
        {
            return new Written(view, Consultation.AlreadyErased);
        }

        var now = clock.GetUtcNow();
        var outcome = await streams.InOneTransaction(
            new Origin(caller.Subject, view.Id.ToString(), cause),
            async work =>
            {
                var sealedTexts = await vault.Seal(view.Id, texts, now, cancellation);
                var ids = sealedTexts.ToDictionary(text => text.Kind, text => text.Id);
                var decided = await work.Decide(Consultation.Aggregate, view.Id, state => decide(state, now, ids), expected, cancellation);
                foreach (var text in decided.Changed ? sealedTexts : [])
                {
                    work.Insert(text);
                }

                return decided;
            },
            cancellation);
        return new Written(outcome.View as RequestersView ?? view, outcome.Rejection);
    }
}
