using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using WireMock.ResponseProviders;

namespace WireMock.ResponseBuilders;

/// <summary>Says what a stub answers; 200 without a body, unless told otherwise.</summary>
public interface IResponseBuilder : IResponseProvider
{
    IResponseBuilder WithStatusCode(int code);

    IResponseBuilder WithStatusCode(HttpStatusCode code);

    IResponseBuilder WithSuccess();

    IResponseBuilder WithHeader(string name, params string[] values);

    IResponseBuilder WithBody(string body);

    /// <summary>Waits that long before it answers.</summary>
    IResponseBuilder WithDelay(TimeSpan delay);

    IResponseBuilder WithDelay(int milliseconds);
}

/// <summary>Begins the description of an answer.</summary>
public sealed class Response : IResponseBuilder
{
    private readonly Dictionary<string, string[]> _headers = [];
    private int _status = StatusCodes.Status200OK;
    private byte[] _body = [];
    private TimeSpan _delay;

    private Response()
    {
    }

    public static IResponseBuilder Create() => new Response();

    public IResponseBuilder WithStatusCode(int code)
    {
        _status = code;
        return this;
    }

    public IResponseBuilder WithStatusCode(HttpStatusCode code) => WithStatusCode((int)code);

    public IResponseBuilder WithSuccess() => WithStatusCode(StatusCodes.Status200OK);

    public IResponseBuilder WithHeader(string name, params string[] values)
    {
        _headers[name] = values;
        return this;
    }

    public IResponseBuilder WithBody(string body)
    {
        _body = Encoding.UTF8.GetBytes(body);
        return this;
    }

    public IResponseBuilder WithDelay(TimeSpan delay)
    {
        _delay = delay;
        return this;
    }

    public IResponseBuilder WithDelay(int milliseconds) => WithDelay(TimeSpan.FromMilliseconds(milliseconds));

    async Task IResponseProvider.Answer(HttpContext context)
    {
        await Task.Delay(_delay, context.RequestAborted);
        context.Response.StatusCode = _status;
        foreach (var (name, values) in _headers)
        {
            context.Response.Headers[name] = values;
        }

        await context.Response.Body.WriteAsync(_body, context.RequestAborted);
    }
}
