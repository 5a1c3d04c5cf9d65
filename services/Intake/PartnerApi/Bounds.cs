using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using OtPlatform.Contracts;
using OtPlatform.Intake.AbsenceFollowUps;
using OtPlatform.Intake.Consultations;

namespace OtPlatform.Intake.PartnerApi;

/// <summary>
/// What bodies have to be, as JSON Schema can say it: required fields, lengths, codes. <see cref="SubmissionRules"/> decides; a fuzz run
/// holds the two against each other. What depends on other fields or on the date is said in words.
/// </summary>
internal sealed class Bounds(Catalogue catalogue)
{
    private const string Reference = @"^[A-Za-z0-9._\-]{1,64}$";
    private const int LongestList = 50;
    private const int LongestUrl = 2_000;

    private static readonly Dictionary<string, string[]> Required = new()
    {
        [nameof(SubmissionBody)] = ["kind", "county", "language", "requester", "question", "legalBasis"],
        [nameof(RequesterBody)] = ["role", "sector"],
        [nameof(ResponsibleWorkerBody)] = ["role", "ref"],
        [nameof(TriedBody)] = ["what"],
        [nameof(LegalBasisBody)] = ["type"],
        [nameof(ScreeningBody)] = ["instrument", "version"],
        [nameof(SchoolAbsenceBody)] = ["hours"],
        [nameof(StartBody)] = ["clientRef", "county", "language", "ageBand", "hours"],
        [nameof(HoursBody)] = ["hours"],
        [nameof(ContactBody)] = ["kind", "madeOn"],
        [nameof(EscalationBody)] = ["requester", "responsibleWorker", "legalBasis", "question"],
        [nameof(MessageBody)] = ["text"],
        [nameof(FeedbackBody)] = ["score"],
        [nameof(ReopeningBody)] = ["reason"],
        [nameof(SearchBody)] = ["clientRef"],
        [nameof(Webhooks.WebhookBody)] = ["url"],
    };

    public void Apply(IDictionary<string, IOpenApiSchema> schemas)
    {
        foreach (var (name, schema) in schemas.Where(entry => entry.Key.EndsWith("Body", StringComparison.Ordinal)).Select(entry => (entry.Key, (OpenApiSchema)entry.Value)))
        {
            var required = Required.GetValueOrDefault(name, []);
            schema.Required = required.Length == 0 ? null : required.ToHashSet();
            foreach (var (field, found) in schema.Properties!.ToList())
            {
                var isRequired = required.Contains(field);
                schema.Properties![field] = isRequired ? NotNull(found) : found;
                if (schema.Properties[field] is OpenApiSchema own)
                {
                    Bound(name, field, own, isRequired);
                }
            }
        }
    }

    private void Bound(string schema, string field, OpenApiSchema own, bool required)
    {
        var codes = catalogue.Codes;
        switch (schema, field)
        {
            case (nameof(ContactBody), "kind"): OneOf(own, RecordAbsenceContact.Kinds); break;
            case (_, "kind"): OneOf(own, codes.Kinds); break;
            case (_, "county"): OneOf(own, [.. catalogue.Counties.Select(county => county.Code)]); break;
            case (_, "language"): OneOf(own, codes.Languages); break;
            case (nameof(StartBody), "ageBand"): OneOf(own, codes.PupilAgeBands); break;
            case (_, "ageBand"): OneOf(own, codes.AgeBands); break;
            case (_, "urgency"): OneOf(own, codes.Urgencies); break;
            case (_, "sector"): OneOf(own, codes.Sectors); break;
            case (nameof(SearchBody), "status"): OneOf(own, codes.Statuses); break;
            case (nameof(LegalBasisBody), "type"): OneOf(own, codes.LegalBases); break;
            case (nameof(ResponsibleWorkerBody), "role"): OneOf(own, codes.WorkerRoles); break;
            case (_, "topics"): ListOf(own, item => OneOf(item, [.. catalogue.Topics.Select(topic => topic.Code)])); break;
            case (_, "marks"): ListOf(own, item => OneOf(item, codes.Marks)); break;
            case (_, "wishedChannels"): ListOf(own, item => OneOf(item, codes.Channels)); break;
            case (_, "involvedServices" or "participants"): ListOf(own, item => Line(item, required: true)); break;
            case (_, "triedSoFar"): own.MaxItems = LongestList; break;
            case (nameof(Webhooks.ReplayBody), "ids"): own.MaxItems = Webhooks.DeadLetters.MostIds; break;
            case (_, "municipality"): own.Pattern = @"^\p{L}[\p{L} \-]{0,59}$"; break;
            case (_, "unauthorised" or "sick" or "other"): own.Minimum = "0"; break;
            case (_, "ref" or "instrument" or "responsible" or "step"): own.Pattern = Reference; break;
            case (nameof(ScreeningBody), "version"): own.Minimum = "1"; break;
            case (nameof(ScreeningBody), "answers"): Answers(own); break;
            case (_, "hours"): Between(own, 0, SubmissionRules.MostAbsenceHours); own.MultipleOf = 0.01m; break;
            case (nameof(FeedbackBody), "score"): Between(own, 1, 5); break;
            case (nameof(Webhooks.RotationBody), "overlapHours"): Between(own, 0, Webhooks.RotateSecret.LongestOverlap); break;
            case (nameof(Webhooks.WebhookBody), "url"): own.MaxLength = LongestUrl; own.Format = "uri"; own.Pattern = "^[Hh][Tt][Tt][Pp][Ss]://"; break;
            case (_, "email"): Line(own, required); own.Pattern = SubmissionRules.MailPattern; break;
            case (_, "phone" or "clientRef" or "reference" or "unit" or "role"): Line(own, required); break;
            case (nameof(SearchBody), "cursor"): own.MaxLength = SubmissionRules.LongestLine; break;
            case (_, "text" or "question" or "strengths" or "childsView" or "what" or "with" or "result" or "contactWarning" or "reason" or "note"): Text(own, SubmissionRules.LongestText, SubmissionRules.TextPattern, required); break;
        }
    }

    /// <summary>A field that has to be there is never null either.</summary>
    private static IOpenApiSchema NotNull(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema { OneOf: { Count: 2 } either })
        {
            return either.First(one => one is OpenApiSchemaReference);
        }

        if (schema is OpenApiSchema { Type: { } type } own)
        {
            own.Type = type & ~JsonSchemaType.Null;
        }

        return schema;
    }

    private static void OneOf(OpenApiSchema schema, IReadOnlyList<string> codes)
    {
        schema.Enum = [.. codes.Select(code => JsonValue.Create(code))];
        if (schema.Type?.HasFlag(JsonSchemaType.Null) == true)
        {
            schema.Enum.Add(JsonNullSentinel.JsonNull);
        }
    }

    private static void ListOf(OpenApiSchema schema, Action<OpenApiSchema> bound)
    {
        schema.MaxItems = LongestList;
        bound((OpenApiSchema)schema.Items!);
    }

    private static void Line(OpenApiSchema schema, bool required) => Text(schema, SubmissionRules.LongestLine, SubmissionRules.LinePattern, required);

    private static void Text(OpenApiSchema schema, int longest, string pattern, bool required)
    {
        schema.MaxLength = longest;
        schema.Pattern = required ? $"^(?=[\\s\\S]*{SubmissionRules.VisiblePattern}){pattern[1..]}" : pattern;
    }

    private static void Between(OpenApiSchema schema, decimal least, decimal most)
    {
        schema.Minimum = least.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = most.ToString(CultureInfo.InvariantCulture);
    }

    private static void Answers(OpenApiSchema schema)
    {
        schema.MaxProperties = LongestList;
        schema.PatternProperties = new Dictionary<string, IOpenApiSchema> { [Reference] = schema.AdditionalProperties! };
        schema.AdditionalProperties = null;
        schema.AdditionalPropertiesAllowed = false;
    }
}
