using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthServer.EndToEnd.Tests.Cluster;
using AuthServer.EndToEnd.Tests.Support;
using AuthServer.Tests.Support;

namespace AuthServer.EndToEnd.Tests;

/// <summary>
/// Stops of a server, with no other test on the machine: a client that gets no processor in time finds its connection closed.
/// </summary>
[Collection<SequentialTests>]
public sealed class StopTests
{
    private const int Devices = 16;
    private const int ResponsesBeforeStop = 300;
    private const int BodyLength = 100;

    private const string Head =
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";

    [Fact]
    public async Task Stopping_server_completes_its_requests_and_exits_with_0()
    {
        using var data = new DataFolder();
        var devices = Enumerable.Range(0, Devices).Select(i => new Device($"user{i}", shouldLogOut: () => false)).ToList();

        // The server must stop long before this timeout.
        await using (var server = await ServerProcess.StartAsync(data, "shutdownTimeoutSeconds=3600"))
        {
            foreach (var device in devices)
            {
                await server.Http.RegisterAsync(device.Username);
                await device.LogInAsync(server.Http);
            }

            await UseUntilStoppedAsync(server, devices);
            var exit = await server.ExitAsync();
            Assert.Equal(0, exit.Code);
            Assert.Empty(exit.Errors);
            Assert.DoesNotContain(exit.Output, line => line.Contains("\"Error\"", StringComparison.Ordinal));
        }

        await using var next = await ServerProcess.StartAsync(data, "Sessions:Grace=00:05:00");
        foreach (var device in devices)
        {
            await device.RepeatUnansweredAsync(next.Http);
            await device.RefreshAsync(next.Http);
        }
    }

    [Fact]
    public async Task Draining_server_works_but_is_not_ready_before_it_stops()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "Shutdown:Drain=00:00:05");
        await server.Http.RegisterAsync("ada");
        await server.TerminateAsync();
        foreach (var path in new[] { "/health/traffic", "/health/ready" })
        {
            HttpStatusCode status;
            do
            {
                using var response = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);
                status = response.StatusCode;
            }
            while (status == HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        }

        await server.Http.LogInAsync("ada");
        Assert.Equal(0, (await server.ExitAsync()).Code);
    }

    // The client does not look whether the server has closed the connection, so a request that comes late is lost.
    [Fact]
    public async Task Stopping_server_answers_requests_that_are_on_their_way()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "shutdownTimeoutSeconds=3600");
        var answered = 0;
        var underLoad = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var use = Task.WhenAll(Enumerable.Range(0, Devices).Select(async _ =>
        {
            using var connection = await RawConnection.OpenAsync(server.Http.BaseAddress!);
            RawResponse? response;
            do
            {
                await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
                response = await connection.ReadAsync();
                Assert.Equal(200, response?.Status);
                if (Interlocked.Increment(ref answered) == ResponsesBeforeStop)
                {
                    underLoad.SetResult();
                }
            }
            while (!response!.IsLast);
        }));
        await Task.WhenAny(underLoad.Task, use);
        await server.TerminateAsync();
        await use;
        Assert.Equal(0, (await server.ExitAsync()).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("POST /lo")]
    [InlineData("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/js")]
    [InlineData(Head)]
    [InlineData(Head + "{\"username\":")]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", 200)]
    [InlineData("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\nGET /me HT", 200)]
    public async Task Connection_without_request_under_way_holds_up_no_stop(string sent, int? answer = null)
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "shutdownTimeoutSeconds=3600", "Passwords:WorkFactor=15");
        await server.Http.RegisterAsync("ada");
        using var half = await RawConnection.OpenAsync(server.Http.BaseAddress!);
        await half.SendAsync(sent);
        if (answer is not null)
        {
            Assert.Equal(answer, (await half.ReadAsync())?.Status);
        }

        // Its password is being hashed while the server stops.
        using var login = await RawConnection.OpenAsync(server.Http.BaseAddress!);
        await login.SendAsync(Head + $"{{\"username\":\"ada\",\"password\":\"{HttpAssertions.Password}\"}}".PadRight(BodyLength));
        await server.TerminateAsync();
        Assert.Equal(new RawResponse(200, IsLast: true), await login.ReadAsync());

        // The server has not waited until it gave the request up, which would be 408.
        Assert.NotEqual(408, (await half.ReadAsync())?.Status);
        var exit = await server.ExitAsync();
        Assert.Equal(0, exit.Code);
        Assert.Empty(exit.Errors);
        Assert.DoesNotContain(exit.Output, line => line.Contains("\"Error\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, "\u0016\u0003\u0001\u0002")]
    [InlineData(true, "")]
    [InlineData(true, "POST /lo")]
    [InlineData(true, Head + "{\"username\":")]
    public async Task Half_request_over_tls_holds_up_no_stop(bool isTls, string sent)
    {
        using var data = new DataFolder();
        var (address, file) = ($"https://127.0.0.1:{LoopbackPort.Free()}", Path.Combine(data.Root, "certificate.pem"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var pem = $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        await File.WriteAllTextAsync(file, pem, TestContext.Current.CancellationToken);
        await using var server = await ServerProcess.StartAsync(
            data,
            "shutdownTimeoutSeconds=3600",
            "Kestrel:Endpoints:Plain:Url=http://127.0.0.1:0",
            $"Kestrel:Endpoints:Tls:Url={address}",
            $"Kestrel:Endpoints:Tls:Certificate:Path={file}",
            $"Kestrel:Endpoints:Tls:Certificate:KeyPath={file}");
        using var half = await RawConnection.OpenAsync(new Uri(address), isTls);
        await half.SendAsync(sent);
        await server.TerminateAsync();
        Assert.NotEqual(408, (await half.ReadAsync())?.Status);
        Assert.Equal(0, (await server.ExitAsync()).Code);
    }

    [Fact]
    public async Task Stop_that_cuts_request_off_says_so_and_exits_with_1()
    {
        using var data = new DataFolder();
        await using var server = await ServerProcess.StartAsync(data, "shutdownTimeoutSeconds=1", "Passwords:WorkFactor=15");
        using var register = await RawConnection.OpenAsync(server.Http.BaseAddress!);
        var body = $"{{\"username\":\"ada\",\"password\":\"{HttpAssertions.Password}\"}}".PadRight(BodyLength);
        await register.SendAsync(Head.Replace("/login", "/register", StringComparison.Ordinal) + body);
        await server.TerminateAsync();
        Assert.Null(await register.ReadAsync());
        var exit = await server.ExitAsync();
        Assert.Equal(1, exit.Code);
        Assert.Empty(exit.Errors);
        Assert.Contains(exit.Output, line => line.Contains("shutdownTimeoutSeconds", StringComparison.Ordinal));
    }

    // Each request gets tokens, or finds the connection closed, which ends the task of its device. A request that hangs fails by
    // the timeout of the client.
    private static async Task UseUntilStoppedAsync(ServerProcess server, List<Device> devices)
    {
        var received = 0;
        var underLoad = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var use = Task.WhenAll(devices.Select(device => Task.Run(() => device.UseAsync(server.Http, int.MaxValue, () =>
        {
            if (Interlocked.Increment(ref received) == ResponsesBeforeStop)
            {
                underLoad.SetResult();
            }

            return true;
        }))));
        await Task.WhenAny(underLoad.Task, use);
        await server.TerminateAsync();
        await use;
        Assert.All(devices, device => Assert.NotNull(device.Unanswered));
    }
}
