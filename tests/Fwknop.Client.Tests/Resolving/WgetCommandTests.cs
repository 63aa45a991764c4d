using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Resolving by the program of <c>-w</c> (client.md 12.1).</summary>
public sealed class WgetCommandTests
{
    private const string Url = "https://www.example.org/ip";

    private static readonly string[] Ordinary =
        ["-T", "--no-rc-file", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k", "--key-hmac", "h", "-R"];

    [Theory]
    [InlineData("echo 192.0.2.1", "192.0.2.1")]
    [InlineData("echo 192.0.2.1 and more; echo 192.0.2.2", "192.0.2.1")]
    [InlineData("printf '192.0.2.1\\r\\n'", "192.0.2.1")]
    [InlineData("printf 192.168.100.100x", "192.168.100.100")]
    [InlineData("echo 192.0.2.1; exit 3", "192.0.2.1")]
    [InlineData("echo 192.0.2.1 >&2; exit 3", "192.0.2.1")]
    [InlineData("printf 192.; printf 0.2.1", "192.0.2.1")]
    [InlineData("head -c 300000 /dev/zero >&2; echo 192.0.2.1; head -c 300000 /dev/zero", "192.0.2.1")]
    [InlineData("cat; echo 192.0.2.1", "192.0.2.1")]
    [InlineData("true", null)]
    [InlineData("echo; echo 192.0.2.1", null)]
    [InlineData("echo ' 192.0.2.1'", null)]
    [InlineData("echo hello; echo 192.0.2.1", null)]
    [InlineData("echo 192.0.2.256", null)]
    [InlineData("printf 192.168.100.1000", null)]
    [InlineData("echo 2001:db8::1", null)]
    [InlineData("exit 3", null)]
    public void First_line_of_output_or_error_output_is_the_address(string script, string? expected)
    {
        using ClientHarness client = new();
        string program = WriteProgram(client, "fake-wget", script);
        ClientRunResult run = client.Run([.. Ordinary, "-v", "-w", program, "--resolve-url", Url]);
        string command = $"{program} -U Fwknop/{VersionText.Number} --secure-protocol=auto --quiet -O - {Url}";
        if (expected is null)
        {
            string status = script == "exit 3" ? "; exit status 3" : "";
            Assert.Equal(
                (1, "", $"[-] Could not resolve IP via: '{command}'\n    no IPv4 address at the begin of its output{status}\n"),
                (run.Status, run.Output, run.Error));
            return;
        }

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.StartsWith($"\n[+] Resolved external IP (via '{command}') as: {expected}\nSPA Field", run.Output, StringComparison.Ordinal);
        Assert.Equal($"{expected},tcp/22", run.Field("Message String"));
    }

    [Theory]
    [InlineData("{0}", "", "-U|{1}|--secure-protocol=auto|--quiet|-O|-|{2}")]
    [InlineData("  {0} \t -x  y;$(id) ", "", "-x|y;$(id)|-U|{1}|--secure-protocol=auto|--quiet|-O|-|{2}")]
    [InlineData("{0}", "--use-wget-user-agent", "--secure-protocol=auto|--quiet|-O|-|{2}")]
    [InlineData("{0}", "-u;an agent", "-U|an agent|--secure-protocol=auto|--quiet|-O|-|{2}")]
    [InlineData("{0}", "-u;", "-U|{1}|--secure-protocol=auto|--quiet|-O|-|{2}")]
    public void Arguments_are_those_of_wget_and_no_shell_sees_them(string command, string line, string expected)
    {
        using ClientHarness client = new();
        string program = WriteProgram(client, "fake-wget", "printf '%s|' \"$@\" > \"$0.said\"; echo 192.0.2.1");
        string[] words = line.Split(';', line.Length == 0 ? StringSplitOptions.RemoveEmptyEntries : StringSplitOptions.None);
        ClientRunResult run = client.Run(
            [.. Ordinary, "-w", string.Format(provider: null, command, program), "--resolve-url", Url + "/", .. words]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(
            string.Format(provider: null, expected, program, $"Fwknop/{VersionText.Number}", Url) + "|", File.ReadAllText(program + ".said"));
    }

    [Fact]
    public void Default_url_is_the_first_of_the_services()
    {
        using ClientHarness client = new() { Resolving = new ResolverSetup() };
        string program = WriteProgram(client, "fake-wget", "for url; do :; done; echo \"$url\" > \"$0.said\"; echo 192.0.2.1");
        Assert.Equal(0, client.Run([.. Ordinary, "-w", program]).Status);
        Assert.Equal("https://www.cipherdyne.org/cgi-bin/myip\n", File.ReadAllText(program + ".said"));
    }

    [Fact]
    public void Program_is_found_along_PATH_only_and_gets_our_environment()
    {
        using ClientHarness client = new();
        using TemporaryFolder other = new();
        other.Write("fake-wget", "not a program");
        string program = WriteProgram(client, "fake-wget", "echo \"$FWKNOP_TEST_WGET\" > \"$0.said\"; echo 192.0.2.1");
        client.Variables["PATH"] = $"/nonexistent:{other.Path}:{Path.GetDirectoryName(program)}";
        Environment.SetEnvironmentVariable("FWKNOP_TEST_WGET", "handed down");
        Assert.Equal("", client.Run([.. Ordinary, "-w", "fake-wget"]).Error);
        Assert.Equal("handed down\n", File.ReadAllText(program + ".said"));

        client.Variables["PATH"] = "/nonexistent";
        Assert.StartsWith("[-] Could not resolve IP via: 'fake-wget -U ", client.Run([.. Ordinary, "-w", "fake-wget"]).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("invalidpath", "invalidpath", "not found")]
    [InlineData("/nonexistent/wget", "/nonexistent/wget", "not found")]
    [InlineData("/ x", "/", "not found")]
    [InlineData("/etc/passwd", "/etc/passwd", "not executable")]
    [InlineData("  ", "", "not found")]
    public void Program_that_cannot_be_run(string command, string name, string problem)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "-w", command]);
        Assert.Equal(1, run.Status);
        Assert.Equal(
            $"[-] Could not resolve IP via: '{command} -U Fwknop/{VersionText.Number} --secure-protocol=auto --quiet -O - https://127.0.0.1:1'\n"
                + $"    '{name}' cannot be run: {problem}\n",
            run.Error);
    }

    [Fact]
    public void Program_that_does_not_end_is_killed_and_what_it_said_counts()
    {
        using ClientHarness client = new();
        client.Resolving = client.Resolving with { CommandLimit = TimeSpan.FromSeconds(3) };
        string silent = WriteProgram(client, "silent", "echo $$ > \"$0.pid\"; exec sleep 600");
        Assert.Equal(1, client.Run([.. Ordinary, "-w", silent]).Status);
        AssertGone(silent);

        string talking = WriteProgram(client, "talking", "echo $$ > \"$0.pid\"; echo 192.0.2.1; exec sleep 600");
        Assert.Equal("192.0.2.1,tcp/22", client.Run([.. Ordinary, "-w", talking]).Field("Message String"));
        AssertGone(talking);
    }

    [Fact]
    public void Command_of_the_rc_file_is_run_and_a_url_in_the_clear_is_warned_of()
    {
        using ClientHarness client = new();
        string program = WriteProgram(client, "fake-wget", "echo 192.0.2.1");
        client.WithRc($"[default]\nALLOW_IP resolve\nWGET_CMD {program}\nRESOLVE_URL http://127.0.0.1:1/x\nUSE_WGET_USER_AGENT Y\n");
        ClientRunResult run = client.Run("-T", "-v", "-D", "h", "-A", "tcp/22", "--key-rijndael", "k");
        Assert.Equal(
            (0, "[-] Warning: IP resolution URL 'http://127.0.0.1:1/x' should begin with 'https://' in -R mode.\n"), (run.Status, run.Error));
        Assert.Contains($"(via '{program} --secure-protocol=auto --quiet -O - http://127.0.0.1:1/x')", run.Output, StringComparison.Ordinal);
    }

    private static string WriteProgram(ClientHarness client, string name, string script)
    {
        string path = client.Write(name, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private static void AssertGone(string program)
    {
        string pid = File.ReadAllText(program + ".pid").Trim();
        Deadline.WaitUntil(() => !Directory.Exists($"/proc/{pid}"), TimeSpan.FromSeconds(5), $"end of {program}");
    }
}
