using System.Text.Json;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>packaging/examples/fwknopd.service under a real systemd, with all that it takes away.</summary>
public sealed class ServiceTests
{
    [SystemdFact]
    public void Starts_grants_reloads_is_started_anew_and_stops()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var container = new SystemdContainer(
            site.Network.Server, site.FirewallConfiguration, $"SOURCE ANY\nREQUIRE_SOURCE_ADDRESS Y\nFW_ACCESS_TIMEOUT 60\n{site.Keys.AccessLines}");

        container.Control("start");
        Assert.Equal("active", container.Property("ActiveState"));
        Assert.Equal("Waiting for packets", container.Property("StatusText"));
        AssertGrant(site, Site.Ssh);

        container.Control("reload");
        container.WaitFor("StatusText", "Waiting for packets");
        container.WaitFor("ActiveState", "active");

        Assert.Equal(0, container.Run("kill", "-KILL", $"{container.MainProcess}").ExitCode);
        container.WaitFor("NRestarts", "1");
        container.WaitFor("StatusText", "Waiting for packets");
        AssertGrant(site, Site.Web);

        container.Control("stop");
        Assert.Equal("success", container.Property("Result"));
        Assert.Equal(site.FirewallBefore, site.FirewallRules());
        AssertJournal(container.Journal);
    }

    private static void AssertGrant(Site site, int port)
    {
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(port));
        site.Knock($"tcp/{port}");
        Assert.Equal(
            ProbeResult.Open,
            ConnectProbe.WaitFor(ProbeResult.Open, site.Network.Client, site.Network.ServerAddress, port, TimeSpan.FromSeconds(10)));
    }

    /// <summary>Whose the lines are, and that the levels have become priorities.</summary>
    private static void AssertJournal(string journal)
    {
        JsonElement[] lines = [.. journal.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement[] own = [.. lines.Where(line => Text(line, "_COMM") == "fwknopd")];

        Assert.All(own, line => Assert.Equal("fwknopd", Text(line, "SYSLOG_IDENTIFIER")));
        Assert.All(own, line => Assert.Equal("0", Text(line, "_UID")));
        Assert.Equal("6", Priority(own, "Starting fwknopd main event loop."));
        Assert.Equal("4", Priority(own, "Got SIGHUP. Re-reading configs."));
    }

    private static string? Priority(JsonElement[] lines, string message) =>
        Text(lines.First(line => Text(line, "MESSAGE") == message), "PRIORITY");

    private static string? Text(JsonElement line, string name) => line.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
