using OtPlatform.Intake.Consultations;
using Wire = OtPlatform.Contracts.Intake;

namespace OtPlatform.Intake;

/// <summary>What Intake tells the others. Everything else stays private.</summary>
public static class Published
{
    public static object? Map(object happened) => happened switch
    {
        ConsultationSubmitted e => Submitted(e),
        InformationAdded e => new Wire.InformationAdded(e.ConsultationId, e.AddedAt, e.TriedCount, e.Topics, e.Marks, e.Services, e.HasUnknownCodes, e.LegalBasisType, e.LegalBasisValidUntil, e.TextIds, e.Next.DueBy),
        ConsultationWithdrawn e => new Wire.ConsultationWithdrawn(e.ConsultationId, e.WithdrawnAt),
        ConsultationErased e => new Wire.ConsultationErased(e.ConsultationId, e.ErasedAt, e.CompleteBy),
        ConsultationClosed e => new Wire.ConsultationClosed(e.ConsultationId, e.ReasonCode, e.ClosedAt),
        AnswerObjected e => new Wire.AnswerObjected(e.ConsultationId, e.ReasonTextId, e.ObjectedAt),
        MessageSent e => new Wire.MessageSent(e.ConsultationId, e.TextId, e.From, e.To, e.SentAt, e.AnswerBy),
        MessageOverdue e => new Wire.MessageOverdue(e.ConsultationId, e.TextId, e.To, e.FoundAt, e.AnswerBy),
        ResponsibleWorkerChanged e => new Wire.ResponsibleWorkerChanged(e.ConsultationId, e.Role, e.Ref, e.ChangedAt),
        ConsultationCorrected e => new Wire.ConsultationCorrected(e.ConsultationId, e.AgeBand, e.Topics, e.Marks, e.Services, e.HasUnknownCodes, e.TextIds, e.CorrectedAt),
        FeedbackGiven e => new Wire.FeedbackGiven(e.ConsultationId, e.Score, e.TextId, e.GivenAt),
        SafetyReported e => new Wire.SafetyReported(e.ConsultationId, e.ImmediateDanger, e.HighRisk, e.Urgency, e.TextIds, e.ReportedAt),
        ConsultationReopened e => new Wire.ConsultationReopened(e.ConsultationId, e.ReasonTextId, e.ReopenedAt),
        ConsentRecorded e => new Wire.ConsentRecorded(e.ConsultationId, e.ValidUntil, e.RecordedAt),
        ConsentEnded e => new Wire.ConsentEnded(e.ConsultationId, e.ReasonCode, e.WorkEnds, e.EndedAt),
        ConsultationEvent e when Standing.After(e) is { } standing => new Wire.ConsultationStatusChanged(e.ConsultationId, standing.Status, standing.Responsible, standing.Next?.DueBy, standing.Since),
        _ => null,
    };

    /// <summary>Read by a relay of its own, so that it overtakes any backlog.</summary>
    public static object? MapDanger(object happened) => happened switch
    {
        ImmediateDangerReported e => new Wire.ImmediateDangerReported(e.ConsultationId, e.ReportedAt, Submitted(e.Submission)),
        _ => null,
    };

    private static Wire.ConsultationSubmitted Submitted(ConsultationSubmitted e) => new(
        e.ConsultationId,
        e.Number,
        e.SubmittedAt,
        e.Kind,
        e.Area,
        e.County,
        e.Municipality,
        e.Language,
        e.AgeBand,
        e.Topics,
        e.Marks,
        e.Services,
        e.UnknownCodes,
        e.Sector,
        e.RequesterRole,
        e.RequestingUnitId,
        e.ResponsibleWorkerRole,
        e.ResponsibleWorkerRef,
        e.TriedCount,
        e.Urgency,
        e.ImmediateDanger,
        e.HighRisk,
        e.HasContactWarning,
        e.WishedChannels,
        e.LegalBasisType,
        e.LegalBasisValidUntil,
        e.Screening is { } screening ? new Wire.ScreeningAnswers(screening.Instrument, screening.Version, screening.Answers, screening.ParticipantRoles) : null,
        e.MatterKey,
        e.TextIds,
        e.Next.DueBy);
}
