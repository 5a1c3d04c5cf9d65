using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Local;

/// <summary>How the first expert who is invited for a sample answers.</summary>
public enum FirstAnswer
{
    Accepts,
    Declines,
    StaysSilent,
}

/// <summary>
/// The stand-ins who answer over gRPC: experts who accept, decline or stay silent and who answer single consultations, coordinators
/// who write guidance and propose referrals, receivers who accept them. They bear it that a service is killed and comes back.
/// </summary>
internal sealed class DemoPeople(Endpoints endpoints, DemoHttp http, Func<Guid, FirstAnswer?> firstAnswer) : IDisposable
{
    private const string Register = "integrator";
    private const string Receiver = "lastenpsykiatria-tays";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly GrpcChannel _teams = GrpcChannel.ForAddress(endpoints.Grpc["teamAssembly"]);
    private readonly GrpcChannel _triage = GrpcChannel.ForAddress(endpoints.Grpc["triage"]);
    private readonly ConcurrentDictionary<Guid, string> _firstInvited = new();
    private readonly ConcurrentQueue<string> _unanswered = new();

    /// <summary>What nobody has reacted to: a call failed in a way that no repetition changes, has failed for long, or has changed nothing.</summary>
    public IReadOnlyCollection<string> Unanswered => _unanswered;

    /// <summary>What the team of a consultation looks like now; null while nobody is sought for it.</summary>
    public async Task<Team?> TeamOf(Guid consultation, string area, CancellationToken cancellation) =>
        await Persist($"the look at {consultation}", async () => await new Teams.TeamsClient(_teams).GetAsync(new GetTeamRequest { Id = consultation.ToString() }, await As($"coordinator-{area}", cancellation), Limit, cancellation), cancellation);

    /// <summary>Follows all teams and answers for everybody, until cancelled.</summary>
    public async Task Answer(CancellationToken cancellation)
    {
        var position = 0L;
        var reactions = new List<Task>();
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var watch = new Teams.TeamsClient(_teams).Watch(new WatchTeamsRequest { AfterPosition = position }, await As(Register, cancellation), cancellationToken: cancellation);
                await foreach (var change in watch.ResponseStream.ReadAllAsync(cancellation))
                {
                    // Nobody waits for anybody else's answer.
                    reactions.Add(React(change, cancellation));
                    position = change.Position;
                }
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested && Passes(failure))
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                break;
            }
        }

        try
        {
            await Task.WhenAll(reactions);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // The demo is over; what was still to be answered stays open.
        }
    }

    /// <summary>A coordinator finds a receiver for a matter of the special level, and the receiver accepts.</summary>
    public async Task Refer(Guid consultation, string area, CancellationToken cancellation)
    {
        var cases = new TriageCases.TriageCasesClient(_triage);
        var id = consultation.ToString();
        await Persist($"the referral of {id}", async () => await cases.ProposeReferralAsync(new ProposeReferralRequest { Id = id, Receiver = Receiver }, await As($"coordinator-{area}", cancellation), Limit, cancellation), cancellation);
        await Persist($"the referral of {id}", async () => await cases.AcceptReferralAsync(new AcceptReferralRequest { Id = id }, await As($"receiver-{Receiver}", cancellation), Limit, cancellation), cancellation);
    }

    public void Dispose()
    {
        _teams.Dispose();
        _triage.Dispose();
    }

    private async Task React(TeamChange change, CancellationToken cancellation)
    {
        try
        {
            await AnswerFor(change, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            Tell($"nobody reacts to {change.What} of {change.Team.Id}: {failure.Message}");
        }
    }

    private void Tell(string unanswered)
    {
        _unanswered.Enqueue(unanswered);
        Console.WriteLine($"    {unanswered}");
    }

    private async Task AnswerFor(TeamChange change, CancellationToken cancellation)
    {
        var teams = new Teams.TeamsClient(_teams);
        var team = change.Team;
        switch (change.What)
        {
            case "AssemblyStarted" when team.Status == "guidance":
                await Persist($"{change.What} of {team.Id}", async () => await teams.AnswerConsultationAsync(
                    new AnswerConsultationRequest { Id = team.Id, Text = "Perustason tuella pääsee alkuun: näin asiaa voi viedä eteenpäin omassa yksikössä.", Knowledge = { "basic-support.first-steps" } },
                    await As($"coordinator-{team.Area}", cancellation), Limit, cancellation), cancellation);
                break;
            case "ExpertInvited" when team.Invitations.FirstOrDefault(invitation => invitation.Id == change.InvitationId) is { Status: "open" } invitation:
                await AnswerInvitation(teams, team, invitation, cancellation);
                break;
            case "ConsultationArranged" when team is { Status: "arranged", Members: [var expert] }:
                await Persist($"{change.What} of {team.Id}", async () => await teams.AnswerConsultationAsync(
                    new AnswerConsultationRequest { Id = team.Id, Text = "Vastaus kysymykseen ja ohjeet, joilla työtä voi jatkaa omassa yksikössä.", Knowledge = { "consultation.next-steps" } },
                    await As($"expert-{expert.ExpertId}", cancellation), Limit, cancellation), cancellation);
                break;
            default:
                break;
        }
    }

    private async Task AnswerInvitation(Teams.TeamsClient teams, Team team, Invitation invitation, CancellationToken cancellation)
    {
        var first = _firstInvited.GetOrAdd(Guid.Parse(team.Id), invitation.Id) == invitation.Id;
        var expert = $"expert-{invitation.ExpertId}";
        switch (first ? firstAnswer(Guid.Parse(team.Id)) ?? FirstAnswer.Accepts : FirstAnswer.Accepts)
        {
            case FirstAnswer.StaysSilent:
                break;
            case FirstAnswer.Declines:
                await Certainly(team, invitation, async () => await teams.DeclineInvitationAsync(new DeclineInvitationRequest { InvitationId = invitation.Id, ReasonCode = "noTime" }, await As(expert, cancellation), Limit, cancellation), cancellation);
                break;
            default:
                await Certainly(team, invitation, async () => await teams.AcceptInvitationAsync(new AcceptInvitationRequest { InvitationId = invitation.Id }, await As(expert, cancellation), Limit, cancellation), cancellation);
                break;
        }
    }

    /// <summary>A no of the service is an answer only when the invitation is not open any more.</summary>
    private async Task Certainly(Team team, Invitation invitation, Func<Task<Team>> answer, CancellationToken cancellation)
    {
        if (await Persist($"invitation {invitation.Id} of {team.Id}", answer, cancellation) is null
            && (await TeamOf(Guid.Parse(team.Id), team.Area, cancellation))?.Invitations.Any(now => now.Id == invitation.Id && now.Status == "open") == true)
        {
            Tell($"nobody reacts to invitation {invitation.Id} of {team.Id}: the answer is refused, and it stays open");
        }
    }

    private static DateTime Limit => TimeProvider.System.GetUtcNow().Add(CallLimit).UtcDateTime;

    private async Task<Metadata> As(string client, CancellationToken cancellation) => new() { { "authorization", $"Bearer {await http.Token(client, cancellation)}" } };

    /// <summary>
    /// Repeats a call until the service answers; null when its rules say no, because somebody else or an earlier try was first. What takes
    /// longer than any outage is told of once.
    /// </summary>
    private async Task<T?> Persist<T>(string what, Func<Task<T>> call, CancellationToken cancellation)
        where T : class
    {
        var (since, told) = (TimeProvider.System.GetTimestamp(), false);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException no) when (no.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound)
            {
                return null;
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested && Passes(failure))
            {
                if (!told && TimeProvider.System.GetElapsedTime(since) > Patience)
                {
                    told = true;
                    Tell($"nobody reacts to {what} yet: {failure.Message}");
                }

                await Task.Delay(Pause, cancellation);
            }
        }
    }

    private static bool Passes(Exception failure) => failure switch
    {
        RpcException call => call.StatusCode is StatusCode.Unavailable or StatusCode.Aborted or StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Internal or StatusCode.Unknown,
        _ => failure is HttpRequestException or IOException or OperationCanceledException,
    };
}
