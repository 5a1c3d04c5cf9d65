using OtPlatform.Contracts;

namespace OtPlatform.Intake.Consultations;

/// <summary>Puts the codes of the requester's view into words of the request's language.</summary>
public sealed class RequestersWords(Catalogue catalogue, IntakePolicy policy, TimeProvider clock)
{
    public ConsultationAnswer Render(RequestersView view) => new(
        view.Id,
        view.Number,
        view.Status,
        view.Route,
        view.Responsible is { } accountable ? Party(accountable, view) : null,
        view.DueBy,
        view.AllowedActions,
        LinkedTo: null,
        Transfers: 0,
        Team: null,
        Answer: null,
        Emergency(view),
        [.. view.Timeline.Select(step => new TimelineAnswer(step.At, catalogue.Texts.Timeline[step.Text].In(view.Language), step.By, step.Status))],
        view.Version);

    private ResponsibleAnswer Party(Accountable accountable, RequestersView view)
    {
        var area = catalogue.Area(view.Area);
        return accountable switch
        {
            Accountable.Requester => new("requester", catalogue.Texts.Parties["requester"].In(view.Language), null),
            Accountable.CoordinatingTeam => new("coordinatingTeam", area.CoordinatingTeam.Label.In(view.Language), area.CoordinatingTeam.Contact),
            Accountable.Coordinator => new("coordinator", $"{catalogue.Texts.Parties["coordinator"].In(view.Language)}, {new Label(area.Fi, area.Sv, area.En).In(view.Language)}", area.Coordinators.Contact),
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
