namespace OtPlatform.Platform;

/// <summary>Which service this process is.</summary>
/// <param name="Name">Lower case, for example <c>intake</c>; the source of its messages and its <c>service.name</c>.</param>
public sealed record ServiceIdentity(string Name);
