using OtPlatform.Platform.Streams;

namespace OtPlatform.Intake.Consultations;

/// <summary>What is said about a case is for every request whose matter it carries (C-34): each decides on it by its own state, in one transaction.</summary>
internal static class LinkedRequests
{
    /// <param name="decide">Gets the state and the id of the request that it decides on.</param>
    /// <param name="followed">Runs for each other request that the word has changed.</param>
    /// <returns>What the request did that the word names.</returns>
    public static async Task<Outcome<Consultation>> Follow(
        Work work, Guid id, Func<Consultation, Guid, Decision<ConsultationEvent>> decide, CancellationToken cancellation, Func<Guid, Task>? followed = null)
    {
        var own = await work.Decide(Consultation.Aggregate, id, state => decide(state, id), null, cancellation);
        foreach (var follower in own.State.Followers)
        {
            var other = await work.Decide(
                Consultation.Aggregate, follower, state => state.Lead == id ? decide(state, follower) : Decision<ConsultationEvent>.Nothing, null, cancellation);
            if (other.Changed && followed is not null)
            {
                await followed(follower);
            }
        }

        return own;
    }
}
