using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using OtPlatform.Platform.Grpc.Rpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Messaging;
using OtPlatform.Platform.Streams;
using Status = Grpc.Core.Status;

namespace OtPlatform.Platform.Grpc;

/// <summary>
/// The one shape of an error over gRPC: a status, the problem's code in the trailer <c>ot-problem</c>, and both again as <c>google.rpc.Status</c>
/// in <c>grpc-status-details-bin</c>, with the fields that are wrong. Details never repeat what the caller sent.
/// </summary>
public static class GrpcProblems
{
    public const string CodeTrailer = "ot-problem";
    public const string DetailsTrailer = "grpc-status-details-bin";

    private const string Domain = "otplatform";

    public static RpcException Of(Rejection rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        return Of(
            rejection.Kind switch
            {
                RejectionKind.NotFound => StatusCode.NotFound,
                RejectionKind.NotAllowed => StatusCode.PermissionDenied,
                _ => StatusCode.FailedPrecondition,
            },
            rejection);
    }

    public static RpcException Of(StatusCode code, Rejection rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        return Of(code, rejection.Code, Message.Of(rejection));
    }

    public static RpcException Invalid(IReadOnlyDictionary<string, Message> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        return Of(StatusCode.InvalidArgument, Problems.InvalidInput, "The request cannot be accepted as it is.", errors);
    }

    /// <summary>In English; whoever asks for another language gets it at the edge.</summary>
    public static RpcException Of(StatusCode code, string problem, Message detail, IReadOnlyDictionary<string, Message>? errors = null) => new Answer(code, problem, detail, errors, message => message.ToString());

    /// <summary>A message that stands in an answer, in the language that the call's metadata asks for; English when it asks for none.</summary>
    public static string Said(Message message, ServerCallContext call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var http = call.GetHttpContext();
        return MessageTexts.From(http).In(MessageTexts.LanguageOf(http.Request, MessageTexts.English), message);
    }

    /// <summary>The same answer in the language that the call's metadata asks for, as <c>Accept-Language</c> does over HTTP.</summary>
    internal static RpcException ForCaller(RpcException answer, HttpContext? call) =>
        answer is Answer ours && call is not null && MessageTexts.LanguageOf(call.Request, MessageTexts.English) is not MessageTexts.English and var language
            ? ours.Spoken(message => MessageTexts.From(call).In(language, message))
            : answer;

    private static (Status Status, Metadata Trailers) Describe(StatusCode code, string problem, Message about, IReadOnlyDictionary<string, Message>? faults, Func<Message, string> say)
    {
        var errors = faults?.ToDictionary(fault => fault.Key, fault => say(fault.Value));
        var detail = errors is null ? say(about) : $"{say(about)} {string.Join(" ", errors.Select(error => $"{error.Key}: {error.Value}"))}";
        var rich = new Rpc.Status { Code = (int)code, Message = detail, Details = { Any.Pack(new ErrorInfo { Reason = problem, Domain = Domain }) } };
        if (errors is not null)
        {
            rich.Details.Add(Any.Pack(new BadRequest { FieldViolations = { errors.Select(error => new BadRequest.Types.FieldViolation { Field = error.Key, Description = error.Value }) } }));
        }

        return (new Status(code, detail), new Metadata { { CodeTrailer, problem }, { DetailsTrailer, rich.ToByteArray() } });
    }

    /// <summary>The code of the problem that a platform service answered with, or null.</summary>
    public static string? CodeOf(RpcException answered)
    {
        ArgumentNullException.ThrowIfNull(answered);
        return answered.Trailers.GetValue(CodeTrailer);
    }

    /// <summary>The answer for what a handler threw; null for what is broken on our side.</summary>
    internal static RpcException? Explain(Exception exception) => exception switch
    {
        RpcException remote when CalledService.Failed(remote) => OfCalledService(remote),
        RpcException answer => answer,
        RejectedException rejected => Of(rejected.Rejection),
        InvalidInputException invalid => Invalid(invalid.Errors),
        VersionRequiredException => Of(StatusCode.FailedPrecondition, Problems.VersionRequired, "Send the version that you decided on."),
        StaleVersionException => Of(StatusCode.Aborted, Problems.StaleVersion, "It has changed since you read it. Read it again and decide anew."),
        _ when Work.SomebodyWasFirst(exception) => Of(StatusCode.Aborted, Problems.StaleVersion, "Somebody else was first. Read it again and decide anew."),
        _ when PauseWhileUnavailable.IsTransient(exception) => Away(),
        _ => null,
    };

    internal static RpcException Broken() => Of(StatusCode.Internal, Problems.InternalError, "Something broke on our side. Nothing was acknowledged; try again.");

    private static RpcException Away() => Of(StatusCode.Unavailable, Problems.Unavailable, "A part of the platform is not available right now. Nothing was acknowledged; try again.");

    // What another service said to us is not for our caller, except that it is away or that the caller may not.
    private static RpcException? OfCalledService(RpcException remote) => remote.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Aborted => Away(),
        StatusCode.Unauthenticated => Of(StatusCode.Unauthenticated, Problems.NotSignedIn, "Send a valid bearer token."),
        StatusCode.PermissionDenied => Of(StatusCode.PermissionDenied, Problems.NotAllowed, "Your token does not allow this."),
        _ => null,
    };

    /// <summary>Remembers its messages, so that it can be said in another language.</summary>
    private sealed class Answer : RpcException
    {
        private readonly Func<Func<Message, string>, Answer> _again;

        public Answer(StatusCode code, string problem, Message detail, IReadOnlyDictionary<string, Message>? errors, Func<Message, string> say)
            : this(Describe(code, problem, detail, errors, say)) => _again = other => new Answer(code, problem, detail, errors, other);

        private Answer((Status Status, Metadata Trailers) described)
            : base(described.Status, described.Trailers) => _again = _ => this;

        public Answer Spoken(Func<Message, string> say) => _again(say);
    }
}
