using OtPlatform.Contracts;
using OtPlatform.Platform.Security;

namespace OtPlatform.Intake.Consultations;

/// <summary>Puts the codes of the requester's view into words of the request's language.</summary>
public sealed class RequestersWords(Catalogue catalogue, IntakePolicy policy, TimeProvider clock)
{
    /// <param name="texts">The words of answer and messages by id, where the caller may read them.</param>
    public ConsultationAnswer Render(RequestersView view, Caller caller, IReadOnlyDictionary<Guid, string>? texts = null) => new(
        view.Id,
        view.Number,
        view.Status,
        view.Route,
        view.Responsible is { } accountable ? Party(accountable, view) : null,
        view.DueBy,
        AllowedTo(caller, view),
        view.LinkedTo,
        view.Transfers,
        view.Team is { } team
            ? new TeamAnswer([.. team.Members.Select(member => new MemberAnswer(member.Role, member.Sector, member.Organisation, member.Profession, member.Channel, member.From, member.Until))], team.NetworkCoordinator, Plan: null)
            : null,
        view.Answer is { } answer ? new GivenAnswer(texts?.GetValueOrDefault(answer.TextId), answer.Knowledge, answer.By) : null,
        Emergency(view),
        [.. view.Timeline.Select(step => new TimelineAnswer(step.At, catalogue.Texts.Step(step.Text, view.Language), step.By, step.Status))],
        view.Version,
        [.. view.Messages.Select(message => new MessageAnswer(message.Id, message.At, message.From, message.To, texts?.GetValueOrDefault(message.Id), message.AnswerBy))],
        view.Erased);

    /// <summary>What this caller may do now. Whoever only reads it, such as a coordinator of the area, may do none of the requester's.</summary>
    public static IReadOnlyList<string> AllowedTo(Caller caller, RequestersView view) => !Caller.HasScope(caller.Principal, Scopes.ConsultationsWrite)
        ? []
        :
        [
            .. view is { Responsible: Accountable.KeyPerson } && PassOn.IsKeyPerson(caller, view) ? ["pass-on"] : Array.Empty<string>(),
            .. caller.Claim(ClaimNames.Organisation) == view.Organisation ? view.AllowedActions : [],
        ];

    private ResponsibleAnswer Party(Accountable accountable, RequestersView view)
    {
        var area = catalogue.Area(view.Area);
        string Named(string party) => catalogue.Texts.Parties[party].In(view.Language);
        return accountable switch
        {
            Accountable.Requester => new("requester", Named("requester"), null),
            // A team that works for another request's case has that one's worker, of whom only the role is told.
            Accountable.ResponsibleWorker when view.Follows => new(
                "responsibleWorker", Named(view.Team?.Members.FirstOrDefault(member => member.ExpertId is null)?.Profession is { } role && catalogue.Texts.Parties.ContainsKey($"responsibleWorker.{role}") ? $"responsibleWorker.{role}" : "coordinator"), area.Coordinators.Contact),
            // Who is behind the reference only the requesting side knows.
            Accountable.ResponsibleWorker => new("responsibleWorker", Named(view.ResponsibleWorkerRole is { } role ? $"responsibleWorker.{role}" : "requester"), view.ResponsibleWorkerRef),
            Accountable.Expert => new("expert", Named("expert"), area.Coordinators.Contact),
            Accountable.KeyPerson => policy.KeyPerson(view.Area) is { } keyPerson ? new("keyPerson", keyPerson.Label.In(view.Language), keyPerson.Contact) : new("keyPerson", Named("keyPerson"), area.Coordinators.Contact),
            Accountable.Receiver when view.Receiver is { } code && catalogue.Receivers.GetValueOrDefault(code) is { } unit =>
                new("receiver", $"{Named("receiver")}: {new Label(unit.Fi, unit.Sv, unit.En).In(view.Language)}", unit.Contact),
            Accountable.Receiver => new("receiver", $"{Named("receiver")}: {view.Receiver}", area.Coordinators.Contact),
            Accountable.CoordinatingTeam => new("coordinatingTeam", area.CoordinatingTeam.Label.In(view.Language), area.CoordinatingTeam.Contact),
            Accountable.Coordinator => new("coordinator", $"{Named("coordinator")}, {new Label(area.Fi, area.Sv, area.En).In(view.Language)}", area.Coordinators.Contact),
            _ => new("areaCoordinators", area.Coordinators.Label.In(view.Language), area.Coordinators.Contact),
        };
    }

    private EmergencyAnswer? Emergency(RequestersView view)
    {
        var passed = view.Responsible is null || (view.EmergencyNotice is EmergencyNotice.OutsideDutyHours && policy.IsOnDuty(view.Area, clock.GetUtcNow()));
        if (passed || view.EmergencyNotice is EmergencyNotice.None)
        {
            return null;
        }

        var texts = catalogue.EmergencyTexts;
        var fallback = texts.Fallback.GetValueOrDefault(view.Language);
        var language = fallback?.Language ?? view.Language;
        var text = view.EmergencyNotice is EmergencyNotice.ImmediateDanger
            ? texts.Counties.GetValueOrDefault(view.County, texts.Default)
            : texts.OutsideDutyHours;
        var county = catalogue.Counties.Single(known => known.Code == view.County);
        var words = text.In(language).Replace("{county}", language == "sv" ? county.Sv : county.Fi, StringComparison.Ordinal);
        return new EmergencyAnswer(fallback is null ? words : $"{words} {fallback.Note}", language);
    }
}
