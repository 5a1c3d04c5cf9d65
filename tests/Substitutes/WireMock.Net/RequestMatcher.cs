namespace WireMock.Matchers.Request;

/// <summary>Says whether a request is meant.</summary>
public interface IRequestMatcher
{
    internal bool Matches(IRequestMessage request);
}
