using Fwknop.Configuration.Server;
using Fwknop.Daemon.Listening;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Listening;

/// <summary>The lines of children in the log.</summary>
public sealed class ConfinedProcessTests : IDisposable
{
    private const string Forged = "<4 packet.unauthenticated source=198.51.100.7>[198.51.100.7] SPA packet is not authentic for any stanza";

    private readonly DaemonBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>A user who has taken over his decryptor must not make fail2ban ban anybody.</summary>
    [Theory]
    [InlineData("--decrypt", "Decryptor: [198.51.100.7] SPA packet is not authentic for any stanza\n")]
    [InlineData(null, "[198.51.100.7] SPA packet is not authentic for any stanza\n")]
    public void Only_the_listener_speaks_of_packets(string? mode, string expected)
    {
        ServerConfig config = new()
        {
            ListenerExe = _bench.Folder.WriteProgram("child", $"#!/bin/sh\necho '{Forged}' >&2\nexec cat\n"),
            SeparatesPrivileges = false,
        };

        using ConfinedProcess child = ConfinedProcess.Start(
            "child", config, new ConfinedRights(1, 1, [], mode is null ? [] : [mode]), [], _ => { }, _bench.Log);

        Deadline.WaitUntil(() => _bench.Lines.Contains("not authentic", StringComparison.Ordinal), DaemonBench.Patience, "the line is logged");
        Assert.EndsWith(expected, _bench.Lines, StringComparison.Ordinal);
        Assert.Equal(mode is null, _bench.Lines.Contains("\n[198.51.100.7]", StringComparison.Ordinal));
    }
}
