using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection;

/// <summary><c>grpc.reflection.v1</c>: lists the services and hands out their files.</summary>
internal sealed class ReflectionService(ServedFiles files) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(IAsyncStreamReader<ServerReflectionRequest> requestStream, IServerStreamWriter<ServerReflectionResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            await responseStream.WriteAsync(Answer(files, requestStream.Current));
        }
    }

    internal static ServerReflectionResponse Answer(ServedFiles files, ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse { Service = { files.Services.Select(name => new ServiceResponse { Name = name }) } };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                Put(response, files.WithName(request.FileByFilename), "No such file.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                Put(response, files.WithSymbol(request.FileContainingSymbol), "No such symbol.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                Put(response, null, "No such extension.");
                break;
            default:
                response.ErrorResponse = new ErrorResponse { ErrorCode = (int)StatusCode.Unimplemented, ErrorMessage = "This request type is not implemented." };
                break;
        }

        return response;
    }

    private static void Put(ServerReflectionResponse response, IEnumerable<ByteString>? found, string missing)
    {
        if (found is null)
        {
            response.ErrorResponse = new ErrorResponse { ErrorCode = (int)StatusCode.NotFound, ErrorMessage = missing };
        }
        else
        {
            response.FileDescriptorResponse = new FileDescriptorResponse { FileDescriptorProto = { found } };
        }
    }
}

/// <summary>The same under the older name <c>grpc.reflection.v1alpha</c>, whose messages are alike on the wire.</summary>
internal sealed class AlphaReflectionService(ServedFiles files) : V1Alpha.ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(IAsyncStreamReader<V1Alpha.ServerReflectionRequest> requestStream, IServerStreamWriter<V1Alpha.ServerReflectionResponse> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var answer = ReflectionService.Answer(files, ServerReflectionRequest.Parser.ParseFrom(requestStream.Current.ToByteString()));
            await responseStream.WriteAsync(V1Alpha.ServerReflectionResponse.Parser.ParseFrom(answer.ToByteString()));
        }
    }
}
