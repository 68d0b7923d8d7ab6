// The framework without a server's own work: the upper limit for servers on ASP.NET Core.
using System.Text.Json.Serialization;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(options =>
    options.SerializerOptions.TypeInfoResolverChain.Insert(0, EchoJson.Default));

var app = builder.Build();
app.MapGet("/plaintext", () => "Hello, World!");
app.MapPost("/echo", (Echo body) => body);
await app.RunAsync();

internal sealed record Echo(string RefreshToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Echo))]
internal sealed partial class EchoJson : JsonSerializerContext;
