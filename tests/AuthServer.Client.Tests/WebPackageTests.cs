using System.Text.Json;
using AuthServer.Client.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.Client.Tests;

/// <summary>What is in the npm package, and whether it can be used as it is.</summary>
public sealed class WebPackageTests
{
    // What a consumer writes, and three mistakes that its compiler has to see.
    private const string Consumer = """
        import { AuthError, createAuthClient, type AuthClient, type Change, type Device, type Session } from 'authserver-client';

        const client: AuthClient = createAuthClient({ server: new URL('https://auth.example.com'), apis: ['https://api.example.com'], storage: 'localStorage', grace: 30 });
        const stop: () => void = client.onChange((session: Session | null, change: Change) => console.log(session?.user.roles.length, change.reason ?? ''));
        const session: Session = await client.login({ username: 'ada', password: 'secret', deviceName: 'laptop' });
        const seconds: number = session.expiresIn;
        const answer: Response = await client.fetch('/me', { method: 'POST', body: 'x' });
        const devices: Device[] = await client.sessions({ ended: true });
        const ended: string | undefined = devices[0]?.endReason;
        try { await client.logout({ everywhere: true }); } catch (error) {
          if (error instanceof AuthError) { const code: string = error.code; const fields: string[] | undefined = error.errors?.['username']; console.log(code, fields); }
        }
        client.close();
        stop();
        console.log(seconds, answer.ok, ended);

        // @ts-expect-error
        createAuthClient({ storage: 'cookies' });
        // @ts-expect-error
        await client.login({ username: 'ada' });
        // @ts-expect-error
        client.refresh();
        """;

    [Fact]
    public async Task Package_has_what_it_needs_and_no_more_and_its_types_compile_in_a_strict_consumer()
    {
        using var folder = new TempFolder();
        var source = Directory.CreateDirectory(Path.Combine(folder.Path, "source")).FullName;
        foreach (var file in new[] { "package.json", "package-lock.json", "tsconfig.json", "README.md", "authserver-client.js" })
        {
            File.Copy(Path.Combine(Built.WebModule, file), Path.Combine(source, file));
        }

        await Tool.RunAsync("npm", source, ["ci", "--no-audit", "--no-fund"]);
        var packed = JsonDocument.Parse(await Tool.RunAsync("npm", source, ["pack", "--json", "--loglevel=error"])).RootElement;
        var package = packed.ValueKind == JsonValueKind.Array ? packed[0] : packed.EnumerateObject().Single().Value;
        Assert.Equal(
            ["README.md", "authserver-client.d.ts", "authserver-client.js", "package.json"],
            package.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(source, "package.json"), TestContext.Current.CancellationToken));
        Assert.False(manifest.RootElement.TryGetProperty("dependencies", out _));

        var consumer = Directory.CreateDirectory(Path.Combine(folder.Path, "consumer")).FullName;
        var tarball = Path.Combine(source, package.GetProperty("filename").GetString()!);
        await Tool.RunAsync("npm", consumer, ["install", "--no-audit", "--no-fund", tarball]);
        await File.WriteAllTextAsync(Path.Combine(consumer, "consumer.mts"), Consumer, TestContext.Current.CancellationToken);
        string[] strict = ["consumer.mts", "--strict", "--noEmit", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--target", "es2022"];
        foreach (var environment in new string[][]
        {
            ["--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022,dom"],
            ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"],
            ["--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022", "--types", "node", "--typeRoots", Path.Combine(source, "node_modules/@types")],
        })
        {
            await Tool.RunAsync("node", consumer, [Path.Combine(source, "node_modules/typescript/bin/tsc"), .. strict, .. environment]);
        }

        await Tool.RunAsync("node", consumer, ["--input-type=module", "--eval", "(await import('authserver-client')).createAuthClient({ server: 'http://localhost' })"]);
    }
}
