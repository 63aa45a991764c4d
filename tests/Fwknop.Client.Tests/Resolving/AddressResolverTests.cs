using System.Net;
using System.Security.Cryptography.X509Certificates;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Resolving by the built-in HTTPS client (client.md 12.1).</summary>
public sealed class AddressResolverTests
{
    private static readonly string[] Ordinary =
        ["-T", "--no-rc-file", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h"];

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1\r\n", "192.0.2.1")]
    [InlineData("192.0.2.1 is yours", "192.0.2.1")]
    [InlineData("192.168.100.100\n", "192.168.100.100")]
    [InlineData("", null)]
    [InlineData(" 192.0.2.1", null)]
    [InlineData("\n192.0.2.1", null)]
    [InlineData("<p>192.0.2.1", null)]
    [InlineData("192.0.2.256", null)]
    [InlineData("192.0.2", null)]
    [InlineData("192.0.2.1.", null)]
    [InlineData("192.0.2.1.1", null)]
    [InlineData("192.0.2.12345678901", null)]
    [InlineData("192.0.2.01", null)]
    [InlineData("0.0.0.0", null)]
    [InlineData("2001:db8::1", null)]
    public void Address_is_what_the_answer_begins_with(string body, string? expected)
    {
        using LocalService service = LocalService.Saying(body, LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service);
        Assert.Equal(expected is null ? 1 : 0, run.Status);
        if (expected is not null)
        {
            Assert.Equal($"{expected},tcp/22", run.Field("Message String"));
            Assert.Equal("", run.Error);
            return;
        }

        Assert.StartsWith(
            $"[-] Could not resolve IP via: '{service.Url}' (built-in; --wget-cmd selects an external command): the answer is no IPv4 address: '",
            run.Error,
            StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("h", "192.0.2.1", "10.1.2.3", "10.1.2.3")]
    [InlineData("LOCALHOST", "127.0.0.1", "127.0.0.1", "127.0.0.1")]
    [InlineData("2001:db8::1", "2001:db8::1", "fe80::7%3", "fe80::7")]
    public void Local_address_is_that_of_the_route_to_the_server(string server, string target, string local, string expected)
    {
        using ClientHarness client = new();
        RouteTable routes = new(IPAddress.Parse(local));
        client.Following = new FollowingSetup { Connector = routes };
        client.Sender.Addresses["LOCALHOST"] = [IPAddress.IPv6Loopback, IPAddress.Loopback];
        ClientRunResult run = client.Run("-T", "-v", "--no-rc-file", "-D", server, "-a", "Local", "-A", "tcp/22", "--key-rijndael", "k");
        Assert.Equal((0, $"{expected},tcp/22"), (run.Status, run.Field("Message String")));
        Assert.Contains($"\n[+] Resolved local IP (via route to {server}) as: {expected}\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(IPAddress.Parse(target), Assert.Single(routes.Asked));
    }

    [Fact]
    public void Local_address_needs_a_server_with_a_route()
    {
        using ClientHarness client = new();
        client.Following = new FollowingSetup { Connector = new RouteTable(null) };
        string[] ordinary = ["-T", "--no-rc-file", "-a", "local", "-A", "tcp/22", "--key-rijndael", "k"];
        ClientRunResult run = client.Run([.. ordinary, "-D", "h"]);
        Assert.Equal((1, "[-] Could not resolve IP via: route to h: there is none\n"), (run.Status, run.Error));
        run = client.Run(ordinary);
        Assert.Equal(1, run.Status);
        Assert.EndsWith("there is no --destination.\n", run.Error, StringComparison.Ordinal);
        client.Sender.LookupProblem = LookupProblem.UnknownName;
        run = client.Run([.. ordinary, "-D", "h"]);
        Assert.Equal((1, "[-] Could not resolve IP via: route to h: Name or service not known\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("[default]\nALLOW_IP 192.0.2.9\n[s]\nALLOW_IP LOCAL\n", "", "10.1.2.3")]
    [InlineData("[default]\nALLOW_IP resolve\n[s]\nALLOW_IP local\n", "", "10.1.2.3")]
    [InlineData("[default]\nALLOW_IP local\n[s]\nALLOW_IP 192.0.2.9\n", "", "192.0.2.9")]
    [InlineData("[s]\nALLOW_IP local\n", "-s", "0.0.0.0")]
    [InlineData("[s]\nALLOW_IP 192.0.2.9\n", "-R -a local", "10.1.2.3")]
    [InlineData("[s]\nALLOW_IP 192.0.2.9\n", "-a local -R", "10.1.2.3")]
    [InlineData("[s]\nALLOW_IP 192.0.2.9\n", "-a local -a 192.0.2.8", "192.0.2.8")]
    public void Local_address_is_a_choice_like_others(string rc, string options, string expected)
    {
        using ClientHarness client = new ClientHarness().WithRc(rc);
        client.Following = new FollowingSetup { Connector = new RouteTable(IPAddress.Parse("10.1.2.3")) };
        ClientRunResult run = client.Run(
            ["-T", "-n", "s", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((0, $"{expected},tcp/22"), (run.Status, run.Field("Message String")));
    }

    [Fact]
    public void Local_address_is_saved_as_a_word()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        client.Following = new FollowingSetup { Connector = new RouteTable(IPAddress.Parse("10.1.2.3")) };
        client.Run("-T", "-D", "h", "-A", "tcp/22", "-a", "local", "--key-rijndael", "k", "--save-rc-stanza");
        Assert.Matches("(?m)^ALLOW_IP +local$", File.ReadAllText(client.RcPath));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n192.\r\n5\r\n0.2.1\r\n0\r\n\r\n", null)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n192.0.2.1", null)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n192.0.2.1", "HTTP status 404")]
    [InlineData("HTTP/1.1 203 Other\r\nContent-Length: 9\r\n\r\n192.0.2.1", "HTTP status 203")]
    [InlineData("HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "HTTP status 301")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n192.0.2.1", "")]
    [InlineData("192.0.2.1", "")]
    [InlineData("", "")]
    public void Only_a_whole_answer_with_status_200_counts(string answer, string? problem)
    {
        using LocalService service = new(_ => answer, LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service);
        Assert.Equal(problem is null ? 0 : 1, run.Status);
        Assert.Contains(problem ?? "", run.Error, StringComparison.Ordinal);
        Assert.Equal(problem is not null, run.Error.Contains("Could not resolve IP", StringComparison.Ordinal));
    }

    [Fact]
    public void Long_answer_is_refused_and_a_hostile_one_is_shown_without_control_characters()
    {
        using LocalService service = new(
            path => path == "/long" ? LocalService.Ok("192.0.2.1\n" + new string('x', 2000)) : LocalService.Ok("\u001b[2Jhaha\a"),
            LocalService.MakeLocalCertificate());
        Assert.Contains("the answer is longer than 2000 bytes", Resolve(service, "--resolve-url", service.Url + "/long").Error, StringComparison.Ordinal);
        Assert.Contains("'?[2Jhaha?'\n", Resolve(service, "--resolve-url", service.Url + "/").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 2\u001b[2J00 OK\r\n\r\n")]
    [InlineData("\u001b[31mHTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\u001b[31m\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: \u001b[31m\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\u001b[31m\r\n")]
    public void An_answer_that_is_no_http_is_shown_without_control_characters(string answer)
    {
        using LocalService service = new(_ => answer, LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service, "--resolve-url", service.Url + "/");
        Assert.Equal(1, run.Status);
        Assert.DoesNotContain(run.Error, letter => char.IsControl(letter) && letter != '\n');
    }

    [Fact]
    public void Success_is_told_with_the_source_when_verbose()
    {
        using LocalService service = LocalService.Saying("192.0.2.1\n", LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service, "-v", "--resolve-url", service.Url + "/ip/");
        Assert.StartsWith($"\n[+] Resolved external IP (via '{service.Url}/ip') as: 192.0.2.1\nSPA Field Values:", run.Output, StringComparison.Ordinal);
        string request = Assert.Single(service.Requests);
        Assert.StartsWith("GET /ip HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"\r\nUser-Agent: Fwknop/{VersionText.Number}\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"\r\nHost: 127.0.0.1:{service.Port}\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nAccept: */*\r\n", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-R -u Agent/1", "Agent/1")]
    [InlineData("--resolve-ip-http --user-agent=Agent/2 --use-wget-user-agent", "Agent/2")]
    public void User_agent_can_be_chosen(string line, string expected)
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        Assert.Equal(0, Resolve(service, line.Split(' ')).Status);
        Assert.Contains($"\r\nUser-Agent: {expected}\r\n", Assert.Single(service.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public void User_agent_cannot_carry_another_header()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-R", "-u", "a\r\nX: y"]);
        Assert.Equal((1, "Invalid user agent: control characters cannot be part of it.\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("-R")]
    [InlineData("-a resolve")]
    [InlineData("-a RESOLVE-it")]
    [InlineData("")]
    public void All_ways_to_ask_for_it_resolve_in_test_mode_too(string line)
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service);
        string[] words = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--resolve-url", service.Url];
        Assert.Equal("192.0.2.1,tcp/22", client.Run([.. Ordinary, .. words]).Field("Message String"));
    }

    [Theory]
    [InlineData("ALLOW_IP resolve\nRESOLVE_URL {0}")]
    [InlineData("RESOLVE_IP_HTTPS Y\nRESOLVE_URL {0}")]
    [InlineData("RESOLVE_IP_HTTP Y\nRESOLVE_URL {0}")]
    [InlineData("RESOLVE_URL {0}")]
    [InlineData("RESOLVE_URL {0}\nHTTP_USER_AGENT x\nRESOLVE_HTTP_ONLY N\nUSE_WGET_USER_AGENT N")]
    public void The_rc_file_can_ask_for_it(string rc)
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service).WithRc($"[default]\n{string.Format(provider: null, rc, service.Url)}\n");
        ClientRunResult run = client.Run("-T", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k");
        Assert.Equal("192.0.2.1,tcp/22", run.Field("Message String"));
    }

    [Theory]
    [InlineData("-R -s")]
    [InlineData("-s --resolve-url http://127.0.0.1:1")]
    [InlineData("-a 0.0.0.0 --resolve-http-only -w nothing")]
    public void A_given_address_is_not_asked_for(string line)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, .. line.Split(' ')]);
        Assert.Equal(("", "0.0.0.0,tcp/22"), (run.Error, run.Field("Message String")));
    }

    [Fact]
    public void The_next_service_is_asked_when_one_fails()
    {
        using LocalService bad = new(path => path == "/1" ? "HTTP/1.1 503 Busy\r\n\r\n" : LocalService.Ok("no idea"), LocalService.MakeLocalCertificate());
        using LocalService good = LocalService.Saying("192.0.2.1", new X509Certificate2(bad.Certificate!));
        using LocalService unasked = LocalService.Saying("192.0.2.2", new X509Certificate2(bad.Certificate!));
        using ClientHarness client = Trusting(bad, "https://127.0.0.1:1", bad.Url + "/1", bad.Url + "/2", good.Url, unasked.Url);
        ClientRunResult run = client.Run([.. Ordinary, "-R"]);
        Assert.Equal((0, "", "192.0.2.1,tcp/22"), (run.Status, run.Error, run.Field("Message String")));
        Assert.Equal(2, bad.Requests.Count);
        Assert.Empty(unasked.Requests);

        run = client.Run([.. Ordinary, "-R", "-v"]);
        Assert.Matches("^\\[-] Could not resolve IP via: 'https://127.0.0.1:1' .*: Connection refused\n(.*\n){2}\n\\[\\+] Resolved", run.Output);
    }

    [Fact]
    public void All_failures_are_told_when_no_service_is_left()
    {
        using LocalService bad = LocalService.Saying("no idea", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(bad, "https://127.0.0.1:1", bad.Url);
        ClientRunResult run = client.Run([.. Ordinary, "-R"]);
        Assert.Matches(
            "^\\[-] Could not resolve IP.*wget.*: Connection refused\n\\[-] Could not resolve IP.*wget.*: the answer is no IPv4 address: 'no idea'\n$",
            run.Error);
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.Empty(client.Prompt.Questions);
    }

    [Fact]
    public void A_given_url_has_no_substitute()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service);
        ClientRunResult run = client.Run([.. Ordinary, "-R", "--resolve-url", "https://127.0.0.1:1/"]);
        Assert.Equal(
            (1, "[-] Could not resolve IP via: 'https://127.0.0.1:1' (built-in; --wget-cmd selects an external command): Connection refused\n"),
            (run.Status, run.Error));
        Assert.Empty(service.Requests);
    }

    [Fact]
    public void Plain_http_is_warned_of_and_used()
    {
        using LocalService service = LocalService.Saying("192.0.2.1");
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-R", "--resolve-url", service.Url + "/"]);
        Assert.Equal(
            (0, $"[-] Warning: IP resolution URL '{service.Url}/' should begin with 'https://' in -R mode.\n", "192.0.2.1,tcp/22"),
            (run.Status, run.Error, run.Field("Message String")));
    }

    [Theory]
    [InlineData("other.example")]
    [InlineData("localhost")]
    public void Certificate_of_another_name_or_without_trusted_root_is_refused(string name)
    {
        // The certificate of the right name has another root.
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeCertificate(name));
        using X509Certificate2 root = name == "localhost" ? LocalService.MakeLocalCertificate() : new X509Certificate2(service.Certificate!);
        using ClientHarness client = new() { Resolving = new ResolverSetup { Services = [$"https://localhost:{service.Port}"], OnlyRoot = root } };
        ClientRunResult run = client.Run([.. Ordinary, "-R"]);
        Assert.Equal(1, run.Status);
        Assert.Contains("the connection is not secure: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public void Without_a_seam_the_operating_system_says_which_certificates_are_good()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = new() { Resolving = new ResolverSetup { Services = [service.Url] } };
        ClientRunResult run = client.Run([.. Ordinary, "-R"]);
        Assert.Contains("the connection is not secure: ", run.Error, StringComparison.Ordinal);

        using TemporaryFolder folder = new();
        ProcessRun program = ProcessRun.Run(
            new ProcessCommand(ClientFile.Location, [.. Ordinary, "-R", "--resolve-url", service.Url])
            {
                Environment = new Dictionary<string, string?>
                {
                    ["SSL_CERT_FILE"] = folder.Write("root.pem", service.Certificate!.ExportCertificatePem()),
                },
            });
        Assert.Equal((0, ""), (program.ExitCode, program.Errors));
        Assert.Contains("Message String: 192.0.2.1,tcp/22", program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Redirect_from_https_to_https_is_followed_and_no_other()
    {
        using LocalService plain = LocalService.Saying("192.0.2.2");
        LocalService? secure = null;
        using LocalService service = new(
            path => path == "/good" ? LocalService.Ok("192.0.2.1")
                : $"HTTP/1.1 302 Found\r\nLocation: {(path == "/a" ? secure!.Url + "/good" : path == "/b" ? plain.Url : path)}\r\nContent-Length: 0\r\n\r\n",
            LocalService.MakeLocalCertificate());
        secure = service;
        Assert.Equal("192.0.2.1,tcp/22", Resolve(service, "--resolve-url", service.Url + "/a").Field("Message String"));
        Assert.Contains("HTTP status 302", Resolve(service, "--resolve-url", service.Url + "/b").Error, StringComparison.Ordinal);
        Assert.Contains("HTTP status 302", Resolve(service, "--resolve-url", service.Url + "/loop").Error, StringComparison.Ordinal);
        using LocalService away = new(_ => $"HTTP/1.1 302 Found\r\nLocation: {plain.Url}\r\nContent-Length: 0\r\n\r\n");
        Assert.Contains("HTTP status 302", Resolve(service, "--resolve-url", away.Url).Error, StringComparison.Ordinal);
        Assert.Empty(plain.Requests);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n192.0.2.1", "/other")]
    public void Slow_service_is_given_up(string? answer, string path = "/")
    {
        using LocalService service = new(asked => asked == path ? answer : null, LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service);
        client.Resolving = client.Resolving with { ServiceLimit = TimeSpan.FromSeconds(0.5) };
        ClientRunResult run = client.Run([.. Ordinary, "-R"]);
        Assert.EndsWith("): no answer within 0.5 s\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Status);
    }

    [Fact]
    public void Unknown_host_is_told()
    {
        using ClientHarness client = new();
        client.Sender.LookupProblem = LookupProblem.TryAgain;
        ClientRunResult run = client.Run([.. Ordinary, "-R", "--resolve-url", "https://name.invalid/"]);
        Assert.Equal(1, run.Status);
        Assert.Matches("^\\[-] Could not resolve IP via: 'https://name.invalid' .*: Temporary failure in name resolution\n$", run.Error);
        Assert.Equal(["name.invalid"], client.Sender.Asked);
    }

    [Theory]
    [InlineData("2001:db8::1\n", "2001:db8::1")]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1")]
    [InlineData("192.0.2.1", null)]
    [InlineData("::", null)]
    [InlineData("::ffff:192.0.2.1", null)]
    [InlineData("fe80::1%eth0", "fe80::1")]
    public void IPv6_address_is_asked_for(string body, string? expected)
    {
        using LocalService service = new(_ => LocalService.Ok(body), LocalService.MakeLocalCertificate(), IPAddress.IPv6Loopback);
        using ClientHarness client = Trusting(service, $"https://[::1]:{service.Port}");
        ClientRunResult run = client.Run([.. Ordinary, "-a", "resolve6"]);
        Assert.Equal(expected is null ? "[-] " : $"{expected},tcp/22", expected is null ? run.Error[..4] : run.Field("Message String"));
        Assert.Single(service.Requests);
    }

    [Fact]
    public void Service_without_an_address_of_the_wanted_family_is_not_asked()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service, $"https://localhost:{service.Port}");
        client.Sender.Addresses["localhost"] = [IPAddress.Loopback];
        ClientRunResult run = client.Run([.. Ordinary, "-a", "resolve6"]);
        Assert.Equal(1, run.Status);
        Assert.EndsWith($"): {LookupProblem.WrongFamily}\n", run.Error, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public void Connection_has_the_family_of_the_wanted_address()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service, $"https://localhost:{service.Port}");
        ClientRunResult run = client.Run([.. Ordinary, "-a", "resolve6"]);
        Assert.Equal(1, run.Status);
        Assert.Contains("Could not resolve IP", run.Error, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
        Assert.Equal("192.0.2.1,tcp/22", client.Run([.. Ordinary, "-R"]).Field("Message String"));
    }

    [Theory]
    [InlineData("ALLOW_IP resolve6", "", "2001:db8::1")]
    [InlineData("ALLOW_IP resolve6", "ALLOW_IP 192.0.2.9", "192.0.2.9")]
    [InlineData("ALLOW_IP 192.0.2.9", "ALLOW_IP RESOLVE6", "2001:db8::1")]
    [InlineData("", "RESOLVE_IP_HTTPS Y\nALLOW_IP resolve\nALLOW_IP resolve6\nRESOLVE_IP_HTTPS Y", "2001:db8::1")]
    public void IPv6_address_can_be_asked_for_in_the_rc_file(string low, string high, string expected)
    {
        using LocalService service = LocalService.Saying("2001:db8::1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service).WithRc($"[default]\n{low}\n[x]\n{high}\n");
        Assert.Equal($"{expected},tcp/22", client.Run("-T", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k", "-n", "x").Field("Message String"));
    }

    [Theory]
    [InlineData(31, "", "is 31 seconds behind that of 127.0.0.1; a server may ignore the packet. Set the clock, or use --time-offset-plus 31s.")]
    [InlineData(-95, "", "is 95 seconds ahead of that of 127.0.0.1; a server may ignore the packet. Set the clock, or use --time-offset-minus 95s.")]
    [InlineData(30, "", null)]
    [InlineData(-30, "", null)]
    [InlineData(3600, "--time-offset-plus 1h", null)]
    [InlineData(
        0, "--time-offset-minus 60",
        "agrees with that of 127.0.0.1, and the packet's time is 60 seconds earlier; a server may ignore the packet. Leave out the time offset.")]
    public void Clock_that_differs_from_the_services_is_warned_of(int seconds, string line, string? expected)
    {
        string date = ClientHarness.Now.AddSeconds(seconds).ToString("r");
        using LocalService service = new(_ => LocalService.Ok("192.0.2.1", $"Date: {date}\r\n"), LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, run.Status);
        Assert.Equal(expected is null ? "" : $"[-] WARNING: The clock {expected}\n", run.Error);
    }

    [Fact]
    public void Command_message_has_the_resolved_address()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service, "-C", "reboot now");
        Assert.Equal((0, "192.0.2.1,reboot now"), (run.Status, run.Field("Message String")));

        // What no server could read is refused before anybody is asked.
        Assert.Equal(1, Resolve(service, "-C", "reboot now", "--nat-local").Status);
        Assert.Single(service.Requests);
    }

    [Fact]
    public void IPv4_can_be_asked_for_after_IPv6()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        Assert.Equal("192.0.2.1,tcp/22", Resolve(service, "-a", "resolve6", "-a", "resolve").Field("Message String"));
    }

    [Fact]
    public void Packet_has_the_time_after_resolving()
    {
        using LocalService service = LocalService.Saying("192.0.2.1", LocalService.MakeLocalCertificate());
        using ClientHarness client = Trusting(service);
        client.Clock = new ClockThatIsSetBy(service);
        Assert.Equal(
            $"{ClientHarness.Now.ToUnixTimeSeconds() + 60}", client.Run([.. Ordinary, "-R"]).Field("Timestamp"));
    }

    private sealed class ClockThatIsSetBy(LocalService service) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => ClientHarness.Now.AddMinutes(service.Requests.Count);
    }

    [Theory]
    [InlineData("Date: Fri, 31 Dec 9999 23:59:59 GMT\r\nAge: 2147483647\r\n", false)]
    [InlineData("Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n", true)]
    [InlineData("Date: Mon, 01 Jan 0001 00:00:00 GMT\r\n", true)]
    [InlineData("Date: yesterday\r\nAge: -1\r\n", false)]
    public void Date_may_be_nonsense(string header, bool isWarned)
    {
        using LocalService service = new(_ => LocalService.Ok("192.0.2.1", header), LocalService.MakeLocalCertificate());
        ClientRunResult run = Resolve(service);
        Assert.Equal((0, isWarned), (run.Status, run.Error.Length > 0));
    }

    private static ClientRunResult Resolve(LocalService service, params string[] more)
    {
        using ClientHarness client = Trusting(service);
        return client.Run([.. Ordinary, "-R", .. more]);
    }

    private static ClientHarness Trusting(LocalService service, params string[] services) => new()
    {
        Resolving = new ResolverSetup { Services = services.Length == 0 ? [service.Url] : services, OnlyRoot = service.Certificate },
    };
}
