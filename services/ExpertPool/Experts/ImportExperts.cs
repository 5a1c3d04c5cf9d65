using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using OtPlatform.Contracts;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using Wire = OtPlatform.Protos.ExpertPool.V1;

namespace OtPlatform.ExpertPool.Experts;

/// <summary>
/// An organisation's register is taken in, one expert a message. A line that is wrong is told and passed over; what was taken
/// stays, so that the whole register may be sent again.
/// </summary>
public sealed partial class ExpertsService
{
    [Authorize(Scopes.ExpertsWrite)]
    public override async Task<Wire.ImportResponse> Import(IAsyncStreamReader<Wire.RegisterExpertRequest> requestStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(requestStream);
        var result = new Wire.ImportResponse();
        for (var line = 1; await requestStream.MoveNext(context.CancellationToken); line++)
        {
            try
            {
                if (await Take(requestStream.Current, context))
                {
                    result.Registered++;
                }
                else
                {
                    result.Unchanged++;
                }
            }
            catch (InvalidInputException wrong)
            {
                result.Problems.Add(wrong.Errors.Select(error => new Wire.ImportProblem { Line = line, Path = error.Key, Problem = GrpcProblems.Said(error.Value, context) }));
            }
        }

        return result;
    }

    /// <summary>True when something is other than before.</summary>
    private async Task<bool> Take(Wire.RegisterExpertRequest request, ServerCallContext context)
    {
        // A new id for each sending would make somebody else of the same expert.
        if (request.ExpertId.Length == 0)
        {
            throw new InvalidInputException("$.expertId", "Required.");
        }

        var command = await RegisterExpert.From(ExpertMessages.Body(request), streams, catalogue, units, clock.GetUtcNow(), context.CancellationToken);
        var (outcome, _) = await Decided(command.ExpertId, state => RegisterExpert.Decide(state, command), context);
        return outcome.Changed;
    }
}
