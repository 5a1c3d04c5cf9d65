using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console.Consultations;

/// <summary>What a coordinator may do with a consultation. Each form goes to the owner as a command in the coordinator's name; its rules decide.</summary>
public static class Actions
{
    public static void MapActions(this IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "route", (owners, http, id, typed) => owners.DecideRoute(http, Decision(id, typed)));
        Map(endpoints, "claim", (owners, http, id, typed) => owners.Claim(http, new ClaimRequest { Id = id.ToString(), TakeOver = typed.Value("reason") is not null, ReasonCode = typed.Value("reason") ?? string.Empty }));
        Map(endpoints, "release", (owners, http, id, _) => owners.Release(http, id));
        Map(endpoints, "hand-over", (owners, http, id, typed) => owners.HandOver(
            http, new HandOverRequest { Id = id.ToString(), To = typed.Value("to") ?? string.Empty, NoteTextId = typed.Value("textId") ?? string.Empty, ExpectedVersion = typed.Number("version") }, typed.Value("note")));
        Map(endpoints, "ask", (owners, http, id, typed) => owners.RequestInformation(
            http, new RequestInformationRequest { Id = id.ToString(), Asked = { typed.Values["asked"].OfType<string>() }, ExpectedVersion = typed.Number("version") }, typed.Value("text") is null ? null : Message(id, typed)));
        Map(endpoints, "message", (owners, http, id, typed) => owners.SendMessage(http, Message(id, typed)));
        Map(endpoints, "referral", (owners, http, id, typed) => owners.ProposeReferral(http, new ProposeReferralRequest { Id = id.ToString(), Receiver = typed.Value("receiver") ?? string.Empty, ExpectedVersion = typed.Number("version") }));
        Map(endpoints, "link", (owners, http, id, typed) => owners.LinkCases(http, new LinkCasesRequest { Id = id.ToString(), LeadId = typed.Value("lead") ?? string.Empty, ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version") }));
        Map(endpoints, "unlink", (owners, http, id, typed) => owners.UnlinkCase(http, new UnlinkCaseRequest { Id = id.ToString(), ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version") }));
        Map(endpoints, "guidance", (owners, http, id, typed) => owners.AnswerConsultation(http, new AnswerConsultationRequest { Id = id.ToString(), Text = typed.Value("text") ?? string.Empty }));
        Map(endpoints, "invitation", (owners, http, id, typed) => owners.Invite(http, new InviteRequest { Id = id.ToString(), ExpertId = typed.Value("expertId") ?? string.Empty, Needs = { typed.Values["need"].OfType<string>() } }));
        MapTransfers(endpoints);
        endpoints.MapAssessment();
        Map(endpoints, "end", (owners, http, id, typed) => owners.Disband(http, id, typed.Value("outcome") ?? string.Empty));
    }

    private static void MapTransfers(IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "transfer", (owners, http, id, typed) => owners.ProposeTransfer(http, new ProposeTransferRequest { Id = id.ToString(), Area = typed.Value("area") ?? string.Empty, ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version") }));
        Map(endpoints, "accept-transfer", (owners, http, id, _) => owners.AcceptTransfer(http, id));
        Map(endpoints, "return-transfer", (owners, http, id, typed) => owners.ReturnTransfer(http, id, typed.Value("reason") ?? string.Empty));
        Map(
            endpoints,
            "decide-transfer",
            (owners, http, id, typed) => owners.DecideTransfer(http, new DecideTransferRequest { Id = id.ToString(), Allowed = typed.Value("allowed") is not null, ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version") }),
            visitor => visitor.DecidesTransfers);
    }

    private static SendMessageRequest Message(Guid id, Typed typed) => new() { Id = id.ToString(), MessageId = typed.Value("textId") ?? string.Empty, Text = typed.Value("text") ?? string.Empty };

    private static DecideRouteRequest Decision(Guid id, Typed typed)
    {
        var request = new DecideRouteRequest { Id = id.ToString(), Route = typed.Value("route") ?? string.Empty, ReasonCode = typed.Value("reason") ?? string.Empty, ExpectedVersion = typed.Number("version"), KnowledgeHolderId = typed.Value("holder") ?? string.Empty };
        if (typed.Value("networkCoordinator") is not null)
        {
            request.NetworkCoordinator = true;
        }

        return request;
    }

    internal static void Map<T>(IEndpointRouteBuilder endpoints, string name, Func<Owners, HttpContext, Guid, Typed, Task<Answer<T>>> act, Func<Visitor, bool>? may = null)
        where T : class =>
        endpoints.MapForm($"{ShowConsultation.Path}/{{id:guid}}/{name}", async (http, typed) =>
        {
            var id = Guid.Parse((string)http.GetRouteValue("id")!);
            if (await ShowConsultation.Load(http, id) is not { } before || Visit.Of(http).Visitor is not { } visitor || !(may?.Invoke(visitor) ?? visitor.Decides))
            {
                return PageForm.NotFound(http);
            }

            var answer = await act(http.RequestServices.GetRequiredService<Owners>(), http, id, typed);
            if (answer.Refusal is not { } refusal)
            {
                // What an area has handed back is not its to look at.
                return PageForm.SeeOther(http, await ShowConsultation.Load(http, id) is null || name == "return-transfer" ? $"{Queues.ShowQueues.Path}?done={name}" : $"{before.Address}?done={name}");
            }

            // As it stands now: after a refusal the state is often another than the one that was decided on.
            var view = await ShowConsultation.Load(http, id) ?? before;
            return ShowConsultation.Page(http, view, new Refused(typed, PageForm.InWords(Visit.Of(http).Words, refusal)), PageForm.StatusOf(refusal));
        });
}
