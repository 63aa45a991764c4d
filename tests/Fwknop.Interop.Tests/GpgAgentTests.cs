using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>A passphrase that only a real gpg-agent has (client.md 10).</summary>
public sealed class GpgAgentTests
{
    private const string Signer = "agent-signer@spa-test.invalid";
    private const string Passphrase = "kept by the agent";

    [GpgFact]
    public void Signs_with_what_the_agent_has_and_makes_no_packet_when_it_has_nothing()
    {
        using GpgHome home = new();
        File.WriteAllText(Path.Combine(home.Path, "gpg-agent.conf"), "default-cache-ttl 600\nmax-cache-ttl 600\n");
        home.Run("--import", VectorFiles.PathOf("gpg/server-secret.asc"));
        home.Generate(Signer, "rsa2048", Passphrase);
        ProcessRun.RunChecked(new ProcessCommand("gpgconf", "--homedir", home.Path, "--kill", "gpg-agent"), TimeSpan.FromSeconds(10));

        ProcessRun locked = Run(home);
        Assert.Equal(1, locked.ExitCode);
        Assert.Contains("GPG ERR", locked.Errors, StringComparison.Ordinal);

        home.Run("--passphrase", Passphrase, "--local-user", Signer, "--output", Path.Combine(home.Path, "signed"), "--sign", "/etc/hostname");
        ProcessRun open = Run(home);
        Assert.True(open.ExitCode == 0, open.Errors);
        Assert.Contains("Final SPA Data", open.Output, StringComparison.Ordinal);
    }

    private static ProcessRun Run(GpgHome home) => ProcessRun.Run(new ProcessCommand(
        Programs.Client,
        "-T", "--no-rc-file", "--no-save-args", "-D", "127.0.0.1", "-a", "192.0.2.7", "-A", "tcp/22", "--gpg-agent",
        "--gpg-recipient-key", GpgHome.Server, "--gpg-signer-key", Signer, "--gpg-home-dir", home.Path));
}
