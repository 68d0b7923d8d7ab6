namespace AuthServer.Hosting;

/// <summary>The section <c>Data</c>.</summary>
internal sealed class DataOptions
{
    /// <summary>Folder of the database file and the keys, absolute or below the content root.</summary>
    public string Directory { get; set; } = "data";
}

internal static class DataServiceCollectionExtensions
{
    public static IServiceCollection AddDataDirectory(this IServiceCollection services)
    {
        services.AddValidatedOptions<DataOptions>("Data")
            .Validate(o => !string.IsNullOrWhiteSpace(o.Directory), "Data:Directory is empty; name a folder, or leave it out.");
        return services;
    }
}
