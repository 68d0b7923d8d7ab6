using System.Text.Json;
using AuthServer.Client.Tests.Support;
using AuthServer.Core;

namespace AuthServer.Client.Tests;

/// <summary>Contents of the npm package, and its use in other projects.</summary>
public sealed class WebPackageTests(WebPackage package) : IClassFixture<WebPackage>
{
    // Codes of the client itself.
    private static readonly string[] OwnCodes =
    [
        "unexpected_answer", "cookie_needs_https",
        .. Enum.GetNames<ExternalLoginFailure>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName),
    ];

    // The code of a consumer, and nine mistakes that its compiler has to find. It knows each code and reason of the server.
    private static readonly string Consumer = $$"""
        import { AuthError, createAuthClient, type AuthClient, type Change, type Device, type Session } from 'authserver-client';
        import { type DevicePage, type EndReason, type ErrorCode, type LoginResult, type Provider } from 'authserver-client';
        import { supportsPasskeyOffers, supportsPasskeys, type ReauthenticationResult } from 'authserver-client';
        import { type Snapshot } from 'authserver-client';
        import { listenForEndedSessions, type EndedSessionListener } from 'authserver-client/backend';

        type Known<T> = T extends string ? string extends T ? never : T : never;
        const codes: Record<Known<ErrorCode>, true> = { {{NamesOf<ErrorCode>(OwnCodes)}} };
        const reasons: Record<Known<EndReason>, true> = { {{NamesOf<EndReason>([])}} };
        const [newCode, newReason]: [ErrorCode, EndReason] = ['of_newer_server', 'of_newer_server'];
        console.log(codes, reasons, newCode, newReason);

        const server = new URL('https://auth.example.com');
        const client: AuthClient = createAuthClient({ server, apis: ['https://api.example.com'], storage: 'localStorage' });
        const stop: () => void = client.onChange((session: Session | null, change: Change) => {
          console.log(session?.user.roles.length, change.reason ?? '');
        });
        const result: LoginResult = await client.login({ username: 'ada', password: 'secret', deviceName: 'laptop' });
        const session: Session = result.secondFactor ? await client.completeLogin(result, '123456') : result;
        const seconds: number = session.expiresIn;
        if (result.secondFactor && result.methods.includes('passkey') && supportsPasskeys()) {
          const completed: Session = await client.completeLoginByPasskey(result, { signal: AbortSignal.timeout(1) });
          console.log(completed.id, await supportsPasskeyOffers());
        }
        const { methods, secondFactors } = await client.reauthenticationOptions();
        const proof: ReauthenticationResult = await client.reauthenticate('secret');
        const missing: string[] = proof.isFresh ? [] : proof.methods;
        await client.reauthenticateByPasskey();
        await client.setPassword('another');
        console.log(methods, secondFactors, missing, proof.secondFactor === 'required');
        const snapshot: Snapshot = client.getSnapshot();
        const leave: () => void = client.subscribe(() => console.log(snapshot.status, snapshot.end?.reason));
        leave();
        const answer: Response = await client.fetch('/me', { method: 'POST', body: 'x' });
        const first: DevicePage = await client.sessions({ ended: true, limit: 10 });
        const next: DevicePage = await client.sessions({ ended: true, after: first.next });
        const devices: Device[] = first.total > 10 ? next.sessions : first.sessions;
        const ended: EndReason | undefined = devices[0]?.endReason;
        const providers: Provider[] = await client.providers();
        await client.loginWith(providers[0]?.id ?? 'google', { returnTo: '/' });
        const failed: string | undefined = client.takeLoginFailure()?.provider;
        try { await client.logout({ everywhere: true }); } catch (error) {
          if (error instanceof AuthError) {
            const code: ErrorCode = error.code;
            const reason: EndReason | undefined = error.reason;
            const fields: string[] | undefined = error.errors?.['username'];
            const outcome: string | undefined = error.outcome;
            console.log(code, reason, fields, outcome);
          }
        }
        client.close();
        stop();
        console.log(seconds, answer.ok, ended, failed);

        const onKeys = async () => 1;
        const ends: EndedSessionListener = listenForEndedSessions({ server, name: 'orders', secret: 'secret', onKeys });
        const hasEnded: boolean = ends.hasEnded(session.claims['sid']);
        const isListening: boolean = ends.isListening;
        console.log(hasEnded, isListening, String(ends.failure));
        ends.close();

        // @ts-expect-error
        createAuthClient({ storage: 'cookies' });
        // @ts-expect-error
        createAuthClient({ grace: 30 });
        // @ts-expect-error
        await client.login({ username: 'ada' });
        // @ts-expect-error
        const overlooked: Session = await client.login({ username: 'ada', password: 'secret' });
        // @ts-expect-error
        const unchecked: string[] = (await client.reauthenticateByMail('12345678')).methods;
        // @ts-expect-error
        client.refresh();
        // @ts-expect-error
        const incomplete: Record<Known<EndReason>, true> = { logout: true };
        // @ts-expect-error
        listenForEndedSessions({ server, name: 'orders' });
        // @ts-expect-error
        ends.isListening = true;
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The names of an enumeration on the wire, and more, as members of an object in JavaScript.</summary>
    private static string NamesOf<T>(IEnumerable<string> more)
        where T : struct, Enum =>
        string.Join(
            ", ", Enum.GetNames<T>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Union(more).Select(n => $"{n}: true"));

    [Fact]
    public async Task Package_is_complete_and_its_types_compile_strictly()
    {
        var (source, tarball, files) = await package.Content;
        Assert.Equal(
            [
                "README.md", "authserver-backend.js", "authserver-client.js", "authserver-react.js", "package.json",
                "types/authserver-backend.d.ts", "types/authserver-client.d.ts", "types/authserver-react.d.ts",
            ],
            files.Order(StringComparer.Ordinal));
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(source, "package.json"), Ct));
        Assert.False(manifest.RootElement.TryGetProperty("dependencies", out _));

        var consumer = package.NewFolder("consumer");
        await Tool.RunAsync("npm", consumer, ["install", "--no-audit", "--no-fund", tarball]);
        Assert.False(Directory.Exists(Path.Combine(consumer, "node_modules/react")));
        await File.WriteAllTextAsync(Path.Combine(consumer, "consumer.mts"), Consumer, Ct);
        string[] strict =
        [
            "consumer.mts", "--strict", "--noEmit", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes",
            "--target", "es2022",
        ];
        string[] types = ["--types", "node", "--typeRoots", Path.Combine(source, "node_modules/@types")];
        var compiler = Path.Combine(source, "node_modules/typescript/bin/tsc");
        foreach (var environment in new string[][]
        {
            ["--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022,dom"],
            ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"],
            ["--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022", .. types],
        })
        {
            await Tool.RunAsync("node", consumer, [compiler, .. strict, .. environment]);
        }

        const string Client = "createAuthClient({ server: 'http://localhost' })";
        const string BackEnd = "listenForEndedSessions({ server: 'http://localhost', name: 'orders', secret: 's' }).close()";
        string[] programs =
        [
            $"(await import('authserver-client')).{Client}", $"(await import('authserver-client/backend')).{BackEnd}",
        ];
        foreach (var program in programs)
        {
            await Tool.RunAsync("node", consumer, ["--input-type=module", "--eval", program]);
            var required = program.Replace("await import", "require", StringComparison.Ordinal);
            await Tool.RunAsync("node", consumer, ["--input-type=commonjs", "--eval", required]);
        }
    }

    [Fact]
    public async Task Package_works_in_React_and_programs_of_guide_in_their_frameworks()
    {
        var folder = await InstallWithFrameworksAsync();
        await PassTestsAsync(folder, []);
        const string Required = "require('authserver-client/react').useSession.name";
        await Tool.RunAsync("node", folder, ["--input-type=commonjs", "--eval", Required]);
        string[] strict = ["--strict", "--noEmit", "--jsx", "react-jsx", "--target", "es2022", "--lib", "es2022,dom"];
        foreach (var environment in new string[][]
        {
            ["consumer.tsx", "--module", "nodenext", "--moduleResolution", "nodenext"],
            ["consumer.tsx", "--module", "esnext", "--moduleResolution", "bundler"],
            ["consumer.cts", "--module", "nodenext", "--moduleResolution", "nodenext"],
        })
        {
            await Tool.RunAsync("node", folder, ["node_modules/typescript/bin/tsc", .. strict, .. environment]);
        }

        await InstallAsync(folder, "react@18.3.1", "react-dom@18.3.1");
        await PassTestsAsync(folder, ["react.test.mjs"]);
    }

    /// <summary>A folder with the frameworks, their tests and the package.</summary>
    private async Task<string> InstallWithFrameworksAsync()
    {
        var folder = package.NewFolder("Frameworks");
        var files = Directory.GetFiles(Path.Combine(Built.TestProject, "Frameworks"))
            .Append(Path.Combine(Built.WebModule, "../docs/react.md"));
        foreach (var file in files)
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var web = package.NewFolder("Web");
        foreach (var name in new[] { "channels.mjs", "fake-clock.mjs", "stub.mjs" })
        {
            File.Copy(Path.Combine(Built.TestProject, "Web", name), Path.Combine(web, name));
        }

        await Tool.RunAsync("npm", folder, ["ci", "--no-audit", "--no-fund"]);
        await InstallAsync(folder);
        return folder;
    }

    /// <summary>Installs the package, and more packages in other versions than before.</summary>
    private async Task InstallAsync(string folder, params string[] more)
    {
        var (_, tarball, _) = await package.Content;
        string[] options = ["--no-save", "--no-audit", "--no-fund", "--legacy-peer-deps"];
        await Tool.RunAsync("npm", folder, ["install", .. options, tarball, .. more]);
    }

    private static async Task PassTestsAsync(string folder, string[] files)
    {
        // Svelte has another module for browsers.
        string[] arguments = ["--conditions=browser", "--test", "--test-timeout=60000", "--test-reporter=tap"];
        var output = await Tool.RunAsync("node", folder, [.. arguments, .. files]);
        Assert.Matches("# pass [1-9][0-9]", output);
        Assert.Contains("# fail 0", output, StringComparison.Ordinal);
    }
}
