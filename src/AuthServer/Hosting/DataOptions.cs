using System.ComponentModel.DataAnnotations;

namespace AuthServer.Hosting;

/// <summary>Options of the section <c>Data</c>.</summary>
internal sealed class DataOptions
{
    /// <summary>Folder of the database file and the keys, absolute or below the content root.</summary>
    [Required(ErrorMessage = "{0} is empty; name a folder, or leave it out.")]
    public string Directory { get; set; } = "data";
}

internal static class DataServiceCollectionExtensions
{
    public static IServiceCollection AddDataDirectory(this IServiceCollection services) =>
        services.AddValidatedOptions<DataOptions>("Data").Services;
}
