using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace AuthServer.Tests;

/// <summary>The arrows between the rooms, as the README draws them.</summary>
public sealed class ArchitectureTests
{
    private static readonly Architecture Server = new ArchLoader()
        .LoadAssemblies(typeof(Program).Assembly, typeof(Core.Rotation).Assembly)
        .Build();

    public static TheoryData<string, string[]> Rooms => new()
    {
        { "Core", [] },
        { "Hosting", ["Core"] },
        { "Observability", ["Core"] },
        { "Storage", ["Core", "Hosting", "Observability"] },
        { "Http", ["Core", "Hosting", "Observability", "Storage"] },
        { "Health", ["Core", "Http", "Observability", "Storage"] },
        { "Tokens", ["Core", "Hosting", "Http", "Observability"] },
        { "Credentials", ["Core", "Hosting", "Observability"] },
        { "Accounts", ["Core", "Credentials", "Hosting", "Http", "Storage", "Tokens"] },
        { "Sessions", ["Core", "Credentials", "Hosting", "Http", "Observability", "Storage", "Tokens"] },
        { "Commands", ["Accounts", "Core", "Hosting", "Storage", "Tokens"] },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_knows_only_the_rooms_it_may(string room, string[] known)
    {
        var arrows = Server.Types
            .Where(type => RoomOf(type) == room)
            .SelectMany(type => type.Dependencies)
            .Select(dependency => RoomOf(dependency.Target))
            .Where(target => target is not ("" or null) && target != room)
            .Distinct();
        Assert.Empty(arrows.Except(known)!);
    }

    [Fact]
    public void Every_type_is_in_a_room_or_at_the_door()
    {
        var rooms = Rooms.Select(row => row.Data.Item1).Append("");
        Assert.Empty(Server.Types.Select(RoomOf).OfType<string>().Distinct().Except(rooms));
    }

    [Fact]
    public void Endpoints_know_no_database()
    {
        var endpoints = Server.Types.Where(type => type.Name.Contains("Endpoint", StringComparison.Ordinal) && RoomOf(type) is not null).ToList();
        Assert.NotEmpty(endpoints);
        Assert.DoesNotContain(
            endpoints.SelectMany(type => type.Dependencies),
            dependency => dependency.Target.FullName.Contains("EntityFrameworkCore", StringComparison.Ordinal)
                || dependency.Target.Name is "AuthDbContext" or "SessionRow" or "UserRow" or "EventRow");
    }

    [Fact]
    public void Services_know_no_http()
    {
        var services = Server.Types.Where(type => type.Name.EndsWith("Service", StringComparison.Ordinal) && RoomOf(type) is not null).ToList();
        Assert.NotEmpty(services);
        Assert.DoesNotContain(
            services.SelectMany(type => type.Dependencies),
            dependency => dependency.Target.FullName.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    // The folder below AuthServer; nothing for what stands beside Program, null for what is not ours.
    private static string? RoomOf(IType type) => type.FullName.Split('.', '+', '/') switch
    {
        ["AuthServer", var room, _, ..] => room,
        ["AuthServer", ..] => "",
        _ => null,
    };
}
