using Fwknop.TestSupport;
using static Fwknop.Interop.Tests.GpgSite;

namespace Fwknop.Interop.Tests;

/// <summary>GPG packets of one implementation's client with another's daemon: every message type, signed and not, with HMAC and without.</summary>
public abstract class GpgTests(GpgSite site)
{
    [InteropTheory]
    [InlineData("signed with HMAC", "tcp/2001", true, HmacKey, "sha256")]
    [InlineData("signed with the longest HMAC", "tcp/2002", true, OtherHmacKey, "sha512")]
    [InlineData("signed without HMAC", "tcp/2003", true, null, null)]
    [InlineData("unsigned with HMAC", "tcp/2004", false, OtherHmacKey, "sha512")]
    public void Is_granted(string what, string request, bool isSigned, string? hmacKey, string? hmacType)
    {
        Assert.NotEmpty(what);

        site.Daemon.GrantAfter(request, () => site.Client.Knock(Knock(request, isSigned, hmacKey, hmacType)));

        Assert.Contains(
            $"--dport {request.Split('/')[^1]} ", site.Network.Server.RunChecked("iptables-save").Output, StringComparison.Ordinal);
    }

    [InteropFact]
    public void The_client_s_time_counts()
    {
        string line = site.Daemon.GrantAfter("tcp/2010", () => site.Client.Knock([.. Knock("tcp/2010", isSigned: true, HmacKey, "sha256"), "-f", "250"]));

        Assert.InRange(SpaDaemon.ExpiryIn(line) - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 230, 250);
    }

    [InteropFact]
    public void An_unsigned_packet_is_refused_where_a_signature_is_required()
    {
        site.Daemon.LogAfter("Missing GPG signature", () => site.Client.Knock(Knock("tcp/2005", isSigned: false, HmacKey, "sha256")));

        site.Daemon.GrantAfter("tcp/2006", () => site.Client.Knock(Knock("tcp/2006", isSigned: true, HmacKey, "sha256")));
        Assert.Equal(0, site.Daemon.Process.CountLines("Added .* tcp/2005, "));
    }

    [InteropFact]
    public void A_command_is_run()
    {
        using TemporaryFolder folder = new();
        string file = folder.FilePath("made");

        site.Daemon.LogAfter(
            "CMD_EXEC: command returned 0, pid_status: 0",
            () => site.Client.Knock(
                ["-D", $"{site.Network.ServerAddress}", "-a", $"{site.Network.ClientAddress}", "--server-cmd", $"/usr/bin/touch {file}",
                    .. site.GpgArguments(isSigned: true, CommandHmacKey, "sha256")]));

        Assert.True(File.Exists(file));
    }

    [InteropTheory]
    [InlineData("tcp/2007", "-N", "10.9.9.9:22")]
    [InlineData("tcp/2008", "--nat-local", "--nat-port", "2222")]
    [InlineData("tcp/2009", "-f", "20", "-N", "10.9.9.9:22")]
    public void Forwarding_is_refused_where_it_is_off(string request, params string[] arguments) => site.Daemon.LogAfter(
        "requested NAT access, but is not enabled/supported",
        () => site.Client.Knock([.. Knock(request, isSigned: true, HmacKey, "sha256"), .. arguments]));

    private IReadOnlyList<string> Knock(string request, bool isSigned, string? hmacKey, string? hmacType) =>
        [.. site.Request(request), .. site.GpgArguments(isSigned, hmacKey, hmacType)];
}
