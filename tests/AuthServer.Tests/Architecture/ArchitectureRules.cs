namespace AuthServer.Tests.Architecture;

/// <summary>The architecture as rules. Each takes types, and returns one sentence for each violation that it finds.</summary>
internal static class ArchitectureRules
{
    // Packages of one database each, by the room that may use them.
    private static readonly (string Room, string[] Packages)[] Providers =
    [
        ("Storage.Sqlite", ["Microsoft.Data.Sqlite", "Microsoft.EntityFrameworkCore.Sqlite", "SQLitePCLRaw"]),
        ("Storage.Postgres", ["Npgsql"]),
    ];

    private static readonly string[] DatabasePackages =
        ["Microsoft.EntityFrameworkCore", "System.Data", .. Providers.SelectMany(provider => provider.Packages)];

    private static readonly string[] HttpPackages = ["Microsoft.AspNetCore", "Microsoft.Net.Http.Headers"];

    /// <summary>All rules by name.</summary>
    public static IReadOnlyDictionary<string, Func<IReadOnlyList<CompiledType>, IEnumerable<string>>> All { get; } =
        new Func<IReadOnlyList<CompiledType>, IEnumerable<string>>[]
        {
            EveryTypeIsInARoom,
            RoomsUseOnlyRoomsTheyMay,
            RoomsFormNoCircle,
            CoreUsesNoPackage,
            ProvidersAreUsedByTheCompositionAlone,
            EndpointsKnowNoDatabase,
            ServicesKnowNoHttp,
        }.ToDictionary(rule => rule.Method.Name);

    /// <summary>Every type is in a room of <see cref="Rooms"/>, and the global namespace has only <c>Program</c>.</summary>
    public static IEnumerable<string> EveryTypeIsInARoom(IReadOnlyList<CompiledType> types) => types
        .Where(type => type.Room is { } room
            ? !Rooms.Has(room) || type.Name is { Namespace: "", Name: not "Program" }
            : !type.IsGenerated && !type.Name.Name.StartsWith('<'))
        .Select(type => $"{type} is in no room that the server has.");

    /// <summary>A room uses only the rooms that it may use: none uses the root or a storage provider.</summary>
    public static IEnumerable<string> RoomsUseOnlyRoomsTheyMay(IReadOnlyList<CompiledType> types) => ArrowsOf(types)
        .Where(arrow => !Rooms.MayUse(arrow.From, arrow.To))
        .Select(arrow => $"{arrow.Type} uses {arrow.Used}, but {arrow.From} may not use {arrow.To}.");

    /// <summary>No room uses itself by way of other rooms.</summary>
    public static IEnumerable<string> RoomsFormNoCircle(IReadOnlyList<CompiledType> types)
    {
        var arrows = ArrowsOf(types).ToLookup(arrow => arrow.From);
        return arrows.SelectMany(arrow => arrow)
            .DistinctBy(arrow => (arrow.From, arrow.To))
            .Where(arrow => RoomsReachedFrom(arrow.To).Contains(arrow.From))
            .Select(arrow => $"{arrow.From} → {arrow.To} is part of a circle: {arrow.Type} uses {arrow.Used}.");

        HashSet<string> RoomsReachedFrom(string room)
        {
            var (reached, open) = (new HashSet<string> { room }, new Stack<string>([room]));
            while (open.TryPop(out var next))
            {
                foreach (var arrow in arrows[next].Where(arrow => reached.Add(arrow.To)))
                {
                    open.Push(arrow.To);
                }
            }

            return reached;
        }
    }

    /// <summary>Core uses neither a package nor ASP.NET Core, but only assemblies that are called <c>System</c>.</summary>
    public static IEnumerable<string> CoreUsesNoPackage(IReadOnlyList<CompiledType> types) =>
        from type in types
        where type.Room == "Core"
        from used in type.Uses
        where !used.IsIn("System") && !used.IsIn("AuthServer")
        select $"{type} uses {used}, which is from {used.Assembly}.";

    /// <summary>
    /// The packages of a database are used in the room of its provider alone, and that room by the composition alone.
    /// </summary>
    public static IEnumerable<string> ProvidersAreUsedByTheCompositionAlone(IReadOnlyList<CompiledType> types) =>
        from provider in Providers
        from type in types
        where type.Room is { } room && room != provider.Room
            && type.Name is not { Namespace: "AuthServer", Name: "Composition" }
        from used in type.Uses
        where IsInAny(used, provider.Packages) || Rooms.Of(used) == provider.Room
        select $"{type} uses {used}, which {provider.Room} alone may use.";

    /// <summary>
    /// An endpoint knows neither a database package nor a type of storage, except the views that its service returns. The same
    /// holds for the types of its room that it uses, and for those that they use, except services.
    /// </summary>
    public static IEnumerable<string> EndpointsKnowNoDatabase(IReadOnlyList<CompiledType> types) =>
        UsesOf(types, IsEndpoint, except: IsService)
            .Where(use => IsDatabase(use.Used))
            .Select(use => $"{use}, which belongs to the database.");

    /// <summary>
    /// A service knows neither the framework's HTTP nor our own. Nor does a room without routes, except for the registration of
    /// its services. The same holds for the types of its room that they use, and for those that these use.
    /// </summary>
    public static IEnumerable<string> ServicesKnowNoHttp(IReadOnlyList<CompiledType> types) =>
        UsesOf(types, type => IsService(type) || IsInRoomWithoutRoutes(type), except: IsRegistration)
            .Where(use => IsHttp(use.Used))
            .Select(use => $"{use}, which belongs to HTTP.");

    /// <summary>True if a type is named as an endpoint, or maps a route.</summary>
    public static bool IsEndpoint(CompiledType type) =>
        type.Room is not null
        && (type.Name.IsNamed("Endpoint", "Endpoints") || type.Uses.Any(used =>
            used.IsNamed("EndpointRouteBuilderExtensions", "GeneratedRouteBuilderExtensionsCore")));

    /// <summary>True if a type is named as a service, or as a check, which is what a health route asks.</summary>
    public static bool IsService(CompiledType type) => type.Room is not null && type.Name.IsNamed("Service", "Check");

    private static bool IsInRoomWithoutRoutes(CompiledType type) =>
        (type.Room is "Credentials" or "Storage" || type.Room?.StartsWith("Storage.", StringComparison.Ordinal) is true)
        && !IsRegistration(type);

    private static bool IsRegistration(CompiledType type) => type.Name.IsNamed("ServiceCollectionExtensions");

    private static bool IsHttp(TypeName type) => IsInAny(type, HttpPackages) || Rooms.Of(type) switch
    {
        "Http" => true,
        "Bearer" => type.IsNamed("Problem", "Problems", "ProblemDescription", "ProblemResult", "AuthorizationHeader"),
        _ => false,
    };

    private static bool IsDatabase(TypeName type) => IsInAny(type, DatabasePackages) || Rooms.Of(type) switch
    {
        "Storage" => !type.IsNamed("View"),
        var room => room?.StartsWith("Storage.", StringComparison.Ordinal) is true,
    };

    private static bool IsInAny(TypeName type, string[] packages) => Array.Exists(packages, type.IsIn);

    // The uses of a type itself and of its helpers: the types of its own room that it uses, and those that its helpers use.
    private static IEnumerable<Use> UsesOf(
        IReadOnlyList<CompiledType> types, Func<CompiledType, bool> subject, Func<CompiledType, bool> except)
    {
        var byName = types.ToLookup(type => type.Name);
        return
            from type in types
            where subject(type)
            from helper in HelpersOf(type)
            from used in helper.Uses
            select new Use(type, helper, used);

        HashSet<CompiledType> HelpersOf(CompiledType type)
        {
            var (found, open) = (new HashSet<CompiledType> { type }, new Stack<CompiledType>([type]));
            while (open.TryPop(out var next))
            {
                var helpers = next.Uses.SelectMany(used => byName[used]).Where(used => used.Room == type.Room && !except(used));
                foreach (var helper in helpers.Where(found.Add))
                {
                    open.Push(helper);
                }
            }

            return found;
        }
    }

    private static IEnumerable<Arrow> ArrowsOf(IReadOnlyList<CompiledType> types) =>
        from type in types
        let room = type.Room
        where room is not null
        from used in type.Uses
        let other = Rooms.Of(used)
        where other is not null && other != room
        select new Arrow(room, other, type, used);

    private sealed record Use(CompiledType Type, CompiledType Helper, TypeName Used)
    {
        public override string ToString() => Type == Helper ? $"{Type} uses {Used}" : $"{Type} uses {Helper}, which uses {Used}";
    }

    private sealed record Arrow(string From, string To, CompiledType Type, TypeName Used);
}
