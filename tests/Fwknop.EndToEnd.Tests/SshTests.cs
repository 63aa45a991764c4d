using System.Security.Cryptography;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>The example ssh_config with a real ssh and sshd, with the paths and addresses of the test in it.</summary>
public sealed class SshTests : IDisposable
{
    private readonly Site _site = new(Firewall.NftablesGuard, hasServices: false);
    private readonly TemporaryFolder _folder = new();
    private readonly SshServer _server;
    private readonly SpaDaemon _daemon;

    public SshTests()
    {
        _server = new SshServer(_site.Network.Server, _site.Network.ServerAddress);
        _daemon = _site.StartDaemon();
    }

    [RootTheory("nft", "ssh", "sshd", "ssh-keygen")]
    [InlineData("server.example.org")]
    [InlineData("box.corp.example.net")]
    [InlineData("gateway")]
    public void Knocking_is_invisible(string host)
    {
        Assert.Equal(ProbeResult.NoAnswer, _site.Probe());

        ProcessRun run = Ssh(_site.Keys, $"ssh -F \"$1\" {host} echo hello");

        Assert.Equal((0, "hello", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Equal(1, _daemon.Process.CountLines("Added .* tcp/22, expires at"));
    }

    [RootFact("nft", "ssh", "sshd", "ssh-keygen")]
    public void Megabytes_pass_both_ways_at_once()
    {
        string file = _folder.FilePath("data");
        File.WriteAllBytes(file, RandomNumberGenerator.GetBytes(16_000_000));

        ProcessRun run = Ssh(_site.Keys, $"ssh -F \"$1\" server.example.org cat <{file} >{file}.back && cmp {file} {file}.back && echo same");

        Assert.Equal((0, "same", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [RootFact("nft", "ssh", "sshd", "ssh-keygen")]
    public void Wrong_keys_end_with_an_explanation()
    {
        Deadline deadline = Deadline.In(TimeSpan.FromSeconds(20));

        ProcessRun run = Ssh(SharedKeys.Random(), "ssh -F \"$1\" server.example.org echo hello");

        Assert.Equal((255, ""), (run.ExitCode, run.Output));
        Assert.Contains($"[-] {_site.Network.ServerAddress}, tcp/22, is not open 3 s after the knock: no answer. What may be wrong:", run.Errors, StringComparison.Ordinal);
        Assert.Contains("- Keys or policy: ", run.Errors, StringComparison.Ordinal);
        Assert.False(deadline.IsOver, "it took too long");
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _server.Dispose();
        _site.Dispose();
        _folder.Dispose();
    }

    private ProcessRun Ssh(SharedKeys keys, string script)
    {
        string rc = _folder.Write("fwknoprc", $"""
            [default]
            ALLOW_IP {_site.Network.ClientAddress}
            KEY_BASE64 {keys.Key}
            HMAC_KEY_BASE64 {keys.HmacKey}
            SPA_SERVER {_site.Network.ServerAddress}
            ACCESS tcp/22
            [server.example.org]
            [corp]
            [gateway]

            """);
        string example = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "packaging", "examples", "ssh_config"));
        string configuration = example
            .Replace(" fwknop -n", $" {Programs.Client} --no-save-args --rc-file {rc} -n", StringComparison.Ordinal)
            .Replace("\"fwknop -n", $"\"{Programs.Client} --no-save-args --rc-file {rc} -n", StringComparison.Ordinal)
            .Replace("--wait=20", "--wait=3", StringComparison.Ordinal)
            .Replace("gateway.example.net", $"{_site.Network.ServerAddress}", StringComparison.Ordinal);
        string file = _folder.Write("ssh_config", $"""
            Host server.example.org box.corp.example.net
                HostName {_site.Network.ServerAddress}
            {_server.ClientConfiguration}
            {configuration}
            """);
        return _site.Network.Client.Run("bash", "-c", script, "bash", file);
    }
}
