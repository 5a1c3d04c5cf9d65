using OtPlatform.Contracts;
using OtPlatform.Platform.Http;
using OtPlatform.Triage.Policies;
using Wire = OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Triage.TriageCases;

/// <summary>The dry run: the codes of a request that nobody has sent, weighed as if it had been. Nothing is kept.</summary>
internal static class AssessRequests
{
    /// <exception cref="InvalidInputException">Names the first field with a code of no list.</exception>
    public static Wire.AssessmentExplanation Of(Wire.AssessRequest request, string? callersArea, AreaPolicies policies, Catalogue catalogue)
    {
        var area = request.County.Length == 0 ? callersArea : catalogue.AreaOf(request.County)?.Code;
        var policy = policies.Of(area ?? throw new InvalidInputException("county", "Not a known code of this list."));
        var codes = catalogue.Codes;
        var texts = TextIn(request.Language, catalogue);
        var asked = Known("asked_for", request.AskedFor, ["triedSoFar", Assessment.LegalBasis]);
        var facts = Facts.Of(
            new CaseRequest(
                One<ConsultationKind>("kind", request.Kind, ConsultationKind.ClientWork),
                request.County,
                codes.Languages[0],
                null,
                Known("topics", request.Topics, catalogue.Topics.Select(topic => topic.Code)),
                Known("marks", request.Marks, codes.Marks),
                Known("services", request.Services, codes.Services),
                HasUnknownCodes: false,
                request.TriedCount >= 0 ? request.TriedCount : throw new InvalidInputException("tried_count", "0 or more."),
                One<Urgency>("urgency", request.Urgency, Urgency.Routine),
                request.ImmediateDanger,
                request.HighRisk,
                request.LegalBasisType.Length == 0 ? "consent" : Known("legal_basis_type", [request.LegalBasisType], [.. codes.LegalBases, CaseRequest.ConsentEnded])[0],
                [],
                request.HasScreening),
            asked,
            policy);
        return CaseMessages.Explained(Assessment.Of(facts, policy, request.HasScreening), null, texts);
    }

    /// <summary>Words in a language; Finnish when none is named.</summary>
    /// <exception cref="InvalidInputException">There are no words in it.</exception>
    public static ExplanationText TextIn(string language, Catalogue catalogue) =>
        new(catalogue, language.Length == 0 ? ExplanationText.Languages[0] : Known("language", [language], ExplanationText.Languages)[0]);

    private static List<string> Known(string field, IEnumerable<string> given, IEnumerable<string> list)
    {
        var known = list.ToHashSet();
        var codes = given.Distinct().ToList();
        return codes.TrueForAll(known.Contains) ? codes : throw new InvalidInputException(field, "Not a known code of this list.");
    }

    private static T One<T>(string field, string code, T without)
        where T : struct, Enum =>
        code.Length == 0 ? without : Enum.GetValues<T>().Single(value => Condition.Code(value) == Known(field, [code], Enum.GetValues<T>().Select(Condition.Code))[0]);
}
