using OtPlatform.Contracts;
using OtPlatform.Platform.Hosting;

namespace OtPlatform.Triage.Policies;

/// <summary>The policy in force in an area, with its calendar and the codes that it speaks of.</summary>
public sealed class AreaPolicy(Catalogue catalogue, string area)
{
    private readonly WorkingCalendar _calendar = new(catalogue.Policy<RoutingPolicy>(area).WorkingHours);

    public RoutingPolicy Rules { get; } = Checked(catalogue.Policy<RoutingPolicy>(area), area);

    /// <summary>For example <c>default.1+sisa.2</c>.</summary>
    public string Version { get; } = catalogue.PolicyVersion(area);

    public IReadOnlyList<string> EducationServices { get; } = catalogue.Codes.EducationServices;

    public Topic? Topic(string code) => catalogue.Topics.FirstOrDefault(topic => topic.Code == code);

    public DateTimeOffset HeldDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Held);

    public DateTimeOffset ConfirmationDue(Urgency urgency, DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Confirmation[urgency]);

    public DateTimeOffset ClaimDue(Urgency urgency, DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Claim[urgency]);

    public DateTimeOffset InformationDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Information);

    public DateTimeOffset ReferralDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Referral);

    public DateTimeOffset AfterReferralDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.AfterReferral);

    public DateTimeOffset RouteDue(Route route, DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.AfterRoute[route]);

    /// <summary>A policy that could leave a case without a recommendation stops the service at its start.</summary>
    private static RoutingPolicy Checked(RoutingPolicy policy, string area)
    {
        var fault = policy.Rows.Select(row => row.When.Fault() is { } wrong ? $"row {row.Code}: {wrong}" : null).OfType<string>().FirstOrDefault()
            ?? (policy.Rows is not [.., { When.Always: true, Then: Consequence.Route }] ? "the last row has to hold always and give a route" : null);
        return fault is null ? policy : throw new InvalidOperationException($"The policy of {area} is faulty: {fault}.");
    }
}

/// <summary>The policies of all areas.</summary>
public sealed class AreaPolicies(Catalogue catalogue)
{
    private readonly Dictionary<string, AreaPolicy> _areas = catalogue.Areas.ToDictionary(area => area.Code, area => new AreaPolicy(catalogue, area.Code));

    public AreaPolicy Of(string area) => _areas[area];
}
