using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>Resolving with <c>--resolve-http-only</c> (client.md 12.2).</summary>
public sealed class PlainHttpTests
{
    private static readonly string[] Ordinary =
        ["-T", "--no-rc-file", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h", "--resolve-http-only"];

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n\r\n192.0.2.1\r\n", null)]
    [InlineData("HTTP/1.0 200\r\n\r\n192.0.2.1foo", null)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n192.\r\n5\r\n0.2.1\r\n0\r\n\r\n", null)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n9\r\n192.0.2.1", null)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n192.0.2.1", "[-] From {0}\n    Invalid IP () in HTTP response:\n\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\n")]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n192.0.2.1", "[-] From {0}\n    HTTP status 404, and not 200\n")]
    [InlineData("hello\r\n\r\n192.0.2.1", "[-] From {0}\n    HTTP status 000, and not 200\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n2001:db8::1\n", "[-] From {0}\n    Invalid IP (2001) in HTTP response:\n\nHTTP/1.1 200 OK\r\n\r\n2001\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n 192.0.2.1", "[-] From {0}\n    Invalid IP () in HTTP response:\n\nHTTP/1.1 200 OK\r\n\r\n\n")]
    [InlineData("HTTP/1.1 200 \u001b[2J\r\n\r\n1.2.3.4567890123456", "[-] From {0}\n    Invalid IP (1.2.3.4567890123) in HTTP response:\n\nHTTP/1.1 200 ?[2J\r\n\r\n1.2.3.4567890123\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n0.0.0.0", "[-] From {0}\n    Invalid IP (0.0.0.0) in HTTP response:\n\nHTTP/1.1 200 OK\r\n\r\n0.0.0.0\n")]
    [InlineData("HTTP/1.1 200 OK\n\n192.0.2.1", "Did not find the end of HTTP header.\n")]
    [InlineData("HTTP/1.1 200 OK\r\n", "Did not find the end of HTTP header.\n")]
    [InlineData("", "Did not find the end of HTTP header.\n")]
    public void Answers(string answer, string? problem)
    {
        using LocalService service = new(_ => answer);
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "--resolve-url", service.Url + "/ip/"]);
        Assert.Equal(problem is null ? 0 : 1, run.Status);
        Assert.Equal(problem is null ? "" : string.Format(provider: null, problem, "http://127.0.0.1/ip"), run.Error);
        if (problem is null)
        {
            Assert.Equal("192.0.2.1,tcp/22", run.Field("Message String"));
        }
    }

    [Theory]
    [InlineData(2000, true)]
    [InlineData(2001, false)]
    public void Answer_has_at_most_2000_bytes(int length, bool isTaken)
    {
        using LocalService service = new(_ => "HTTP/1.1 200 OK\r\n\r\n192.0.2.1\n".PadRight(length, 'x'));
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "--resolve-url", service.Url]);
        Assert.Equal(isTaken ? "" : "Did not find the end of HTTP header.\n", run.Error);
    }

    [Fact]
    public void Request_has_exactly_these_bytes_and_is_shown_with_the_answer_when_very_verbose()
    {
        using LocalService service = new(_ => LocalService.Ok("192.0.2.1\r\n"));
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-vv", "--resolve-url", $"localhost:{service.Port}/a:9/b", "-u", "An agent/1"]);
        string request = "GET /a:9/b HTTP/1.1\r\nUser-Agent: An agent/1\r\nAccept: */*\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        Assert.Equal([request], service.Requests);
        string answer = LocalService.Ok("192.0.2.1\r\n");
        Assert.StartsWith(
            $"\nHTTP request: {request}\n\nHTTP response: {answer}\n\n[+] Resolved external IP (via http://localhost/a:9/b) as: 192.0.2.1\n",
            run.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Second_host_is_asked_when_the_first_fails()
    {
        using LocalService service = new(path => path == "/1" ? "HTTP/1.1 500 Oh\r\n\r\n" : LocalService.Ok("192.0.2.1"));
        using ClientHarness client = new();
        client.Resolving = client.Resolving with { PlainServices = [service.Url + "/1", service.Url + "/2"] };
        ClientRunResult run = client.Run([.. Ordinary, "-v"]);
        Assert.Equal((0, "[-] From http://127.0.0.1/1\n    HTTP status 500, and not 200\n"), (run.Status, run.Error));
        Assert.StartsWith("\n[+] Resolved external IP (via http://127.0.0.1/2) as: 192.0.2.1\n", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://127.0.0.1:1/x", "[*] https is not supported for --resolve-http-only.\n")]
    [InlineData("http://127.0.0.1:1/x", "resolve_ip_http: Could not create socket: Connection refused\n")]
    [InlineData("http://127.0.0.1:99999", "[*] resolve-url port value is invalid, must be in [1-65535]\nError parsing resolve-url\n")]
    public void Failures(string url, string expected)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "--resolve-url", url]);
        Assert.Equal((1, "", expected), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void Unknown_host_is_told()
    {
        using ClientHarness client = new();
        client.Sender.LookupProblem = LookupProblem.UnknownName;
        ClientRunResult run = client.Run([.. Ordinary, "--resolve-url", "http://name.invalid/x"]);
        Assert.Equal("error in getaddrinfo: Name or service not known\n", run.Error);
        Assert.Equal(1, run.Status);
    }

    [Fact]
    public void Slow_service_is_given_up()
    {
        using LocalService service = new(_ => null);
        using ClientHarness client = new();
        client.Resolving = client.Resolving with { ServiceLimit = TimeSpan.FromSeconds(0.3) };
        ClientRunResult run = client.Run([.. Ordinary, "--resolve-url", service.Url]);
        Assert.Equal("resolve_ip_http: No answer within 0.3 s from http://127.0.0.1/\n", run.Error);
    }

    [Fact]
    public void Clock_that_differs_is_warned_of()
    {
        string date = ClientHarness.Now.AddSeconds(100).ToString("r");
        using LocalService service = new(_ => LocalService.Ok("192.0.2.1", $"Date: {date}\r\n"));
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "--resolve-url", service.Url]);
        Assert.Contains("is 100 seconds behind that of 127.0.0.1;", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RESOLVE_HTTP_ONLY Y\nRESOLVE_IP_HTTPS Y", true)]
    [InlineData("RESOLVE_HTTP_ONLY Y\nALLOW_IP resolve", true)]
    [InlineData("RESOLVE_HTTP_ONLY Y", false)]
    public void The_keyword_says_how_and_not_whether(string rc, bool isResolved)
    {
        using LocalService service = LocalService.Saying("192.0.2.1");
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n{rc}\n");
        client.Resolving = client.Resolving with { PlainServices = [service.Url] };
        ClientRunResult run = client.Run("-D", "h", "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h");
        Assert.Equal(isResolved ? "" : "Must use one of [-s|-R|-a] to specify IP for SPA access.\n", run.Error);
    }

    [Fact]
    public void Parser_survives_all_cuts_and_changes_of_an_answer()
    {
        byte[] answer = Encoding.ASCII.GetBytes(
            "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n192.\r\n5\r\n0.2.1\r\n0\r\n\r\n");
        Assert.Equal("192.0.2.1", Encoding.ASCII.GetString(PlainHttpReply.Parse(answer)!.Body));
        Assert.Equal(ClientHarness.Now, PlainHttpReply.Parse(answer)!.Date);
        for (int i = 0; i < answer.Length; i++)
        {
            PlainHttpReply.Parse(answer.AsSpan(0, i));
            foreach (byte other in "\0\r\n ;:f9\u00ff"u8)
            {
                byte kept = answer[i];
                answer[i] = other;
                PlainHttpReply? reply = PlainHttpReply.Parse(answer);
                Assert.True(reply is null || reply.Body.Length < answer.Length);
                answer[i] = kept;
            }
        }
    }

    [Theory]
    [InlineData("FFFFFFFF\r\n192.0.2.1")]
    [InlineData("80000000\r\n192.0.2.1")]
    [InlineData("7FFFFFFF\r\n192.0.2.1")]
    [InlineData("100000009\r\n192.0.2.1")]
    [InlineData("-9\r\n192.0.2.1")]
    [InlineData("9")]
    [InlineData("")]
    public void Chunk_larger_than_the_rest_or_without_size_ends_the_body(string chunks)
    {
        byte[] answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        Assert.Empty(PlainHttpReply.Parse(answer)!.Body);
    }
}
