using OtPlatform.Contracts;
using OtPlatform.Contracts.Intake;
using OtPlatform.Platform.Hosting;
using OtPlatform.Triage.TriageCases;

namespace OtPlatform.Triage.Policies;

/// <summary>One version of an area's policy, with its calendar and the codes that it speaks of.</summary>
/// <param name="version">For example <c>default.1+sisa.2</c>.</param>
public sealed class AreaPolicy(Catalogue catalogue, RoutingPolicy rules, string version)
{
    private volatile Tuple<IReadOnlyList<Topic>, FactSpace>? _space;
    private readonly WorkingCalendar _calendar = new(rules.WorkingHours);

    /// <summary>An area's policy as shipped.</summary>
    public AreaPolicy(Catalogue catalogue, string area)
        : this(catalogue, catalogue.Policy<RoutingPolicy>(area), catalogue.PolicyVersion(area))
    {
    }

    public RoutingPolicy Rules { get; } = Checked(rules, version);

    /// <summary>For example <c>default.1+sisa.2</c>.</summary>
    public string Version { get; } = version;

    public IReadOnlyList<string> EducationServices { get; } = catalogue.Codes.EducationServices;

    /// <summary>All facts as this policy tells them apart.</summary>
    public FactSpace Space
    {
        get
        {
            // Made anew when a topic was defined or retired since; made twice rather than locked.
            var topics = catalogue.Topics;
            var space = _space is { } known && ReferenceEquals(known.Item1, topics) ? known : Tuple.Create(topics, new FactSpace(rules, catalogue));
            _space = space;
            return space.Item2;
        }
    }

    public Topic? Topic(string code) => catalogue.Topics.FirstOrDefault(topic => topic.Code == code);

    public DateTimeOffset HeldDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Held);

    public DateTimeOffset ConfirmationDue(Urgency urgency, DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Confirmation[urgency]);

    public DateTimeOffset ClaimDue(Urgency urgency, DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Claim[urgency]);

    public DateTimeOffset AssessmentDue(Urgency urgency, DateTimeOffset now) => _calendar.Due(now, (Rules.Deadlines.Assessment ?? Rules.Deadlines.Confirmation)[urgency]);

    public DateTimeOffset InformationDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Information);

    public DateTimeOffset ReferralDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.Referral);

    public DateTimeOffset AfterReferralDue(DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.AfterReferral);

    public DateTimeOffset RouteDue(Route route, DateTimeOffset now) => _calendar.Due(now, Rules.Deadlines.AfterRoute[route]);

    /// <summary>Null for a policy that leads every case to one recommendation, else what is wrong.</summary>
    public static string? FaultOf(RoutingPolicy policy) =>
        policy.Rows.Select(row => row.When.Fault() is { } wrong ? $"row {row.Code}: {wrong}" : null).OfType<string>().FirstOrDefault()
        ?? (policy.Rows is not [.., { When.Always: true, Then: Consequence.Route }] ? "the last row has to hold always and give a route" : null);

    private static RoutingPolicy Checked(RoutingPolicy policy, string version) =>
        FaultOf(policy) is { } fault ? throw new InvalidOperationException($"The policy {version} is faulty: {fault}.") : policy;
}

/// <summary>The policies of all areas: those in force, and those that open cases began with.</summary>
public sealed class AreaPolicies(Catalogue catalogue, PolicyBook book, TimeProvider clock)
{
    /// <exception cref="InvalidOperationException">With some facts the policy in force in an area would come to nothing.</exception>
    public void Check()
    {
        foreach (var policy in catalogue.Areas.Select(area => Of(area.Code)).Distinct())
        {
            if (PolicyCheck.Of(policy.Space) is { WithoutResult: not null })
            {
                throw new InvalidOperationException($"The policy {policy.Version} is faulty: with some facts it comes to neither a route nor a question.");
            }
        }
    }

    /// <summary>What a filled-in instrument comes to; null when its version is not known.</summary>
    public Screening? Scored(ScreeningAnswers filledIn) => Screening.Scored(filledIn, catalogue);

    /// <summary>What holds in <paramref name="area"/> for a case that begins now.</summary>
    public AreaPolicy Of(string area) => Named(book.VersionAt(area, clock.GetUtcNow()));

    /// <summary>What holds for a case: the policy that it began with.</summary>
    public AreaPolicy For(TriageCase state) => Named(state.PolicyVersion);

    /// <summary>The policy of that name (<c>default.1+sisa.2</c>).</summary>
    /// <exception cref="UnknownPolicyException">It was published a moment ago, and is still on its way to this process.</exception>
    public AreaPolicy Named(string version) => book.Made(version, name => new AreaPolicy(catalogue, book.Policy<RoutingPolicy>(name), name));
}
