using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>GPG packets: a keyring of a user of its own, a gpg that is confined, and one that does not do its work.</summary>
public sealed class OpenPgpTests : IDisposable
{
    // Nobody has it.
    private const uint KeyringUser = 62490;

    private readonly GpgHome _client = GpgHome.OfClient();
    private readonly GpgHome _server = GpgHome.OfServer();
    private readonly Site _site = new(Firewall.NftablesGuard);

    public void Dispose()
    {
        _site.Dispose();
        _client.Dispose();
        _server.Dispose();
    }

    [RootTheory("nft", "gpg", "setpriv")]
    [InlineData(true)]
    [InlineData(false)]
    public void Gpg_runs_as_the_owner_of_the_keyring_without_any_right(bool isRoots)
    {
        uint user = isRoots ? 0 : KeyringUser;
        ProcessRun.RunChecked(new ProcessCommand("chown", "-R", $"{user}:{user}", _server.Path));
        using SpaDaemon daemon = Start(Stanza());
        int decryptor = Decryptor(daemon);

        string status = File.ReadAllText($"/proc/{decryptor}/status");
        Assert.Matches($@"Uid:\s{user}\s{user}\s{user}\s{user}\n", status);
        Assert.Matches(@"CapEff:\s0+\n", status);
        Assert.Matches(@"CapBnd:\s0+\n", status);
        Assert.Matches(@"NoNewPrivs:\s1\n", status);

        Assert.Equal(ProbeResult.NoAnswer, _site.Probe());
        string grant = daemon.GrantAfter("tcp/22", () => Knock());
        Assert.Equal(ProbeResult.Open, _site.Probe());
        Assert.Equal(ProbeResult.NoAnswer, _site.ProbeFromElsewhere());
        _site.AssertClosesAt(SpaDaemon.ExpiryIn(grant));
        Assert.Equal(0, daemon.Stop());
        Deadline.WaitUntil(() => !ProcessTable.Exists(decryptor), TimeSpan.FromSeconds(5), "the decryptor's end");
    }

    [RootFact("nft", "gpg")]
    public void A_packet_counts_once_also_after_a_restart()
    {
        string packet = Packet();
        using (SpaDaemon daemon = Start(Stanza()))
        {
            daemon.GrantAfter("tcp/22", () => _site.Send(packet));
            daemon.LogAfter("Replay detected", () => _site.Send(packet));
            Assert.Equal(0, daemon.Stop());
        }

        // The packet, and what it held.
        Assert.Equal(2, File.ReadAllLines(_site.RunFolder.FilePath("run/digest.cache")).Count(line => !line.StartsWith('#')));
        using SpaDaemon next = Start(Stanza());
        next.LogAfter("Replay detected", () => _site.Send(packet));
        Assert.Equal(0, next.Process.CountLines("Added"));
    }

    [RootFact("nft", "gpg")]
    public void A_reload_begins_with_another_decryptor()
    {
        using SpaDaemon daemon = Start(Stanza());
        int first = Decryptor(daemon);
        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        Deadline.WaitUntil(() => !ProcessTable.Exists(first), TimeSpan.FromSeconds(5), "the end of the first decryptor");
        daemon.GrantAfter("tcp/22", () => Knock());
    }

    /// <summary>The listener may not even have read that the decryptor is ready.</summary>
    [RootTheory("nft", "gpg")]
    [InlineData(false)]
    [InlineData(true)]
    public void Neither_a_reload_nor_a_stop_is_a_fault_of_a_decryptor(bool isUsed)
    {
        using SpaDaemon daemon = Start(Stanza());
        int first = Decryptor(daemon);
        if (isUsed)
        {
            daemon.GrantAfter("tcp/22", () => Knock());
        }

        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        Deadline.WaitUntil(() => !ProcessTable.Exists(first), TimeSpan.FromSeconds(5), "the end of the first decryptor");
        Assert.Equal(0, daemon.Stop());

        Assert.DoesNotContain("Decryptor:", daemon.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("--decrypt", daemon.Log, StringComparison.Ordinal);
    }

    [RootFact("nft", "gpg")]
    public void The_death_of_a_decryptor_costs_its_own_packets_some_time_and_nothing_else()
    {
        using SpaDaemon daemon = Start(Stanza() + SymmetricStanza());
        int decryptor = Decryptor(daemon);

        // The packet finds nobody and waits.
        daemon.LogAfter("fwknopd-listener --decrypt has ended \\(status 137\\): it is started again in 1 s", () => Processes.Kill(decryptor));
        daemon.LogAfter("Granted tcp/22", () => Knock());
        daemon.WaitForLog("fwknopd-listener --decrypt is started again");

        // Twice as long each time: it does not spin.
        daemon.LogAfter("is started again in 2 s", () => Processes.Kill(Decryptor(daemon)));
        daemon.GrantAfter("tcp/80", () => _site.Knock("tcp/80"));
        daemon.LogAfter("is started again in 4 s", () => Processes.Kill(WaitForDecryptor(daemon)));

        // Meanwhile a new configuration brings a decryptor of its own.
        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        daemon.LogAfter("Granted tcp/22", () => Knock());
        daemon.LogAfter("is started again in 1 s", () => Processes.Kill(Decryptor(daemon)));

        Assert.Equal(0, daemon.Stop());
        Assert.Equal(4, daemon.Process.CountLines("--decrypt has ended"));
    }

    [RootFact("nft", "gpg")]
    public void A_decryptor_that_is_stopped_costs_its_own_packets_alone()
    {
        using SpaDaemon daemon = Start(Stanza() + SymmetricStanza());
        int decryptor = Decryptor(daemon);
        ProcessTable.Send(decryptor, Signal.Stop);
        Knock();
        daemon.GrantAfter("tcp/80", () => _site.Knock("tcp/80"));
        daemon.WaitForLog("- GPG ERROR: the decryptor does not answer", TimeSpan.FromSeconds(40));

        // Now at once.
        daemon.LogAfter("- GPG ERROR: the decryptor does not answer", () => Knock());
        ProcessTable.Send(decryptor, Signal.Continue);
        Deadline.WaitUntil(
            () => daemon.LogAfter("Granted tcp/22|GPG ERROR: ", () => Knock()).Contains("Granted", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "it answers again");
        ProcessTable.Send(decryptor, Signal.Stop);
        Assert.Equal(0, daemon.Stop());
        Deadline.WaitUntil(() => !ProcessTable.Exists(decryptor), TimeSpan.FromSeconds(5), "the decryptor's end");
    }

    /// <summary>It would go on using the secret key.</summary>
    [RootTheory("nft", "gpg")]
    [InlineData(false)]
    [InlineData(true)]
    public void The_agent_that_gpg_needs_ends_with_fwknopd(bool isKilled)
    {
        _server.EndAgent();
        using SpaDaemon daemon = Start(Stanza());
        daemon.LogAfter("Granted tcp/22", () => Knock());
        int agent = _server.AgentId()!.Value;

        if (isKilled)
        {
            Processes.Kill(daemon.Process.Id);
        }
        else
        {
            Assert.Equal(0, daemon.Stop());
        }

        // It looks every few seconds.
        Deadline.WaitUntil(() => !ProcessTable.Exists(agent), TimeSpan.FromSeconds(20), "the agent's end");
    }

    [RootFact("nft", "gpg")]
    public void An_agent_that_worked_before_is_used_and_left_alone()
    {
        _server.Run("--list-secret-keys");
        int agent = _server.AgentId()!.Value;
        using SpaDaemon daemon = Start(Stanza());
        int decryptor = Decryptor(daemon);
        daemon.LogAfter("Granted tcp/22", () => Knock());
        Assert.Empty(ProcessTable.ChildrenOf(decryptor));
        Assert.Equal(0, daemon.Stop());

        Assert.Equal(agent, _server.AgentId());
    }

    [RootTheory("nft", "gpg")]
    [InlineData("two words", "Added access rule|Granted tcp/22")]
    [InlineData("wrong words", "- GPG ERROR: Bad passphrase")]
    public void The_passphrase_of_the_stanza_opens_the_key(string passphrase, string expected)
    {
        const string Name = "passphrase@spa-test.invalid";
        _server.Generate(Name, "rsa2048", "rsa2048", "encr", "two words");
        using TemporaryFolder folder = new();
        _client.Run("--import", folder.Write("public.asc", _server.Run("--armor", "--export", Name).Output));
        string access = Stanza().Replace(GpgHome.Server, Name, StringComparison.Ordinal)
            .Replace("GPG_ALLOW_NO_PW Y", $"GPG_DECRYPT_PW {passphrase}", StringComparison.Ordinal);
        using SpaDaemon daemon = Start(access);

        daemon.LogAfter(expected, () => new SpaClient(Programs.Client, _site.Network.Client).Knock(Arguments(Name)));
    }

    [RootTheory("nft", "gpg")]
    [InlineData("exec sleep 1000", "did not end within 10 s")]
    [InlineData("exec cat /dev/zero", "printed more than it should")]
    [InlineData("exit 7", "gpg ended with status 7")]
    [InlineData("cat >/dev/null; echo garbage", "gpg ended with status 0")]
    [InlineData("kill -9 $$", "gpg ended with status 137")]
    public void A_gpg_that_does_not_work_holds_up_no_other_packet(string script, string expected)
    {
        using TemporaryFolder folder = new();
        string gpg = folder.Write("gpg", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(gpg, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        using SpaDaemon daemon = Start(Stanza() + $"GPG_EXE {gpg}\n" + SymmetricStanza());

        Knock();
        daemon.GrantAfter("tcp/80", () => _site.Knock("tcp/80"));
        string line = daemon.WaitForLog("- GPG ERROR: ", TimeSpan.FromSeconds(30));

        Assert.EndsWith(expected, line, StringComparison.Ordinal);
        Assert.Equal(0, daemon.Process.CountLines("Added .* tcp/22"));
        Assert.Equal(0, daemon.Stop());
    }

    [RootTheory("nft", "gpg")]
    [InlineData("", "  Stanza #1: grants\n    Signed by: " + GpgHome.ClientFingerprint + "\n", 0)]
    [InlineData("GPG_FINGERPRINT_ID 0000000000000000000000000000000000000000\n", "    Refused: the signer is not in GPG_FINGERPRINT_ID\n", 1)]
    [InlineData("HMAC_KEY_BASE64 AAAA\n", "    HMAC: wrong: ", 1)]
    [InlineData("GPG_EXE /bin/false\n", "    gpg does not decrypt it: gpg ended with status 1\n", 1)]
    public void Explain_tells_of_them(string lines, string expected, int status)
    {
        using TemporaryFolder folder = new();
        string access = folder.Write("access.conf", Stanza() + lines);
        string configuration = folder.Write("fwknopd.conf", $"{_site.FirewallConfiguration}FWKNOP_RUN_DIR {folder.FilePath("run")};\n");

        ProcessRun run = ProcessRun.Run(
            new ProcessCommand(Programs.Daemon, "-c", configuration, "-a", access, "--explain", folder.Write("packet", Packet())) { Namespace = _site.Network.Server });

        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        Assert.Equal(status, run.ExitCode);
    }

    [RootTheory("nft", "gpg")]
    [InlineData("GPG_EXE /no/such/gpg\n", "GPG_EXE '/no/such/gpg' (stanza #1, ")]
    [InlineData("GPG_HOME_DIR /no/such/keyring\n", "GPG_HOME_DIR directory '/no/such/keyring'")]
    public void What_is_missing_is_told_at_the_start(string lines, string expected)
    {
        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, _site.Network.Server, Setup(Stanza() + lines));

        Assert.Equal(1, daemon.Process.WaitForExit());
        Assert.Contains(expected, daemon.Log, StringComparison.Ordinal);
        Assert.Equal(_site.FirewallBefore, _site.FirewallRules());
    }

    [RootFact("nft", "gpg")]
    public void A_key_that_is_not_in_the_keyring_is_told_of()
    {
        using SpaDaemon daemon = Start(Stanza().Replace(GpgHome.Server, "nobody@spa-test.invalid", StringComparison.Ordinal));
        daemon.WaitForLog("Warning: GPG_DECRYPT_ID 'nobody@spa-test.invalid': No (secret|public) key in ");
    }

    private static int Decryptor(SpaDaemon daemon) => daemon.Process.Children().Single(IsDecryptor);

    private static bool IsDecryptor(int child) => ProcessTable.CommandLine(child).Contains("--decrypt", StringComparison.Ordinal);

    private static int WaitForDecryptor(SpaDaemon daemon)
    {
        Deadline.WaitUntil(() => daemon.Process.Children().Any(IsDecryptor), TimeSpan.FromSeconds(20), "a decryptor");
        return Decryptor(daemon);
    }

    private string SymmetricStanza() => $"SOURCE ANY\nREQUIRE_SOURCE_ADDRESS Y\nFW_ACCESS_TIMEOUT 3\n{_site.Keys.AccessLines}";

    private string Stanza() =>
        $"SOURCE ANY\nREQUIRE_SOURCE_ADDRESS Y\nFW_ACCESS_TIMEOUT 3\nGPG_HOME_DIR {_server.Path}\nGPG_DECRYPT_ID {GpgHome.Server}\n"
        + $"GPG_ALLOW_NO_PW Y\nGPG_FINGERPRINT_ID {GpgHome.ClientFingerprint}\n";

    private DaemonSetup Setup(string access) => new(access, _site.FirewallConfiguration) { RunFolder = _site.RunFolder.FilePath("run") };

    private SpaDaemon Start(string access) => SpaDaemon.Start(Programs.Daemon, _site.Network.Server, Setup(access));

    private string[] Arguments(string recipient = GpgHome.Server) =>
    [
        "-D", $"{_site.Network.ServerAddress}", "-a", $"{_site.Network.ClientAddress}", "-A", "tcp/22", "--gpg-recipient-key", recipient,
        "--gpg-signer-key", GpgHome.Client, "--gpg-home-dir", _client.Path, "--gpg-no-signing-pw",
    ];

    private void Knock() => new SpaClient(Programs.Client, _site.Network.Client).Knock(Arguments());

    private string Packet()
    {
        using TemporaryFolder folder = new();
        string file = folder.FilePath("packet");

        // In test mode it cannot read what it made for another, and says so; the packet is saved before.
        new SpaClient(Programs.Client, _site.Network.Client).Run([.. Arguments(), "-T", "-B", file]);
        return Regex.Match(File.ReadAllText(file), "^[A-Za-z0-9+/]+").Value;
    }
}
