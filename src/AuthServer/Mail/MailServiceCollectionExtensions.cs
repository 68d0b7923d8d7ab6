using AuthServer.Hosting;
using Microsoft.Extensions.Options;

namespace AuthServer.Mail;

internal static class MailServiceCollectionExtensions
{
    /// <summary>Adds mails. The libraries for them are loaded when the first one is sent.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.AddValidatedOptions<MailOptions>("Mail");
        services.AddSingleton<IValidateOptions<MailOptions>, MailOptionsValidation>();
        services.AddSingleton<MailTemplates>();
        services.AddSingleton<MailComposer>();
        services.AddSingleton<FolderTransport>();
        services.AddSingleton<SmtpTransport>();
        services.AddSingleton<IMailTransport>(provider =>
            provider.GetRequiredService<IOptions<MailOptions>>().Value.Delivery is MailDelivery.Smtp
                ? provider.GetRequiredService<SmtpTransport>()
                : provider.GetRequiredService<FolderTransport>());
        services.AddHostedService<MailSender>();
        return services;
    }
}
