namespace AuthServer.Tests.Support;

/// <summary>One server for all tests of a class that neither move its clock nor need settings: <c>IClassFixture</c>.</summary>
public sealed class SharedApp : IAsyncDisposable
{
    public AuthServerApp App { get; } = new();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
