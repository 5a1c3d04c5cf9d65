using OtPlatform.Platform.Streams;

namespace OtPlatform.Platform.Http;

/// <summary>Carries a rule's no from an adapter to the edge, where it becomes an answer. Deciders return their rejection and never throw it.</summary>
public sealed class RejectedException(Rejection rejection) : Exception(rejection.Code)
{
    public Rejection Rejection { get; } = rejection;
}
