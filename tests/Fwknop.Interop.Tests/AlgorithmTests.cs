using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>Every digest with every HMAC type and every mode crosses the wire, one knock each, to one daemon with a stanza for each.</summary>
public abstract class AlgorithmTests(AlgorithmPair pair)
{
    private const int FirstPort = 10000;

    public static TheoryData<string, string, string> Combinations()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (string digest in AlgorithmStanza.DigestTypes)
        {
            foreach (AlgorithmStanza stanza in AlgorithmStanza.All)
            {
                rows.Add(digest, stanza.Mode, stanza.HmacType ?? "none");
            }
        }

        return rows;
    }

    [InteropTheory]
    [MemberData(nameof(Combinations))]
    public void A_knock_is_granted(string digest, string mode, string hmac)
    {
        int number = AlgorithmStanza.All.ToList().FindIndex(stanza => stanza.Mode == mode && (stanza.HmacType ?? "none") == hmac);
        int digestNumber = AlgorithmStanza.DigestTypes.ToList().IndexOf(digest);
        // A port of its own, so that the line in the log belongs to this knock.
        string request = $"tcp/{FirstPort + (digestNumber * AlgorithmStanza.All.Count) + number}";

        string line = pair.Daemon.GrantAfter(request, () => pair.Client.Knock(
            [.. pair.Request(request), "-m", digest, .. AlgorithmStanza.All[number].ClientArguments]));

        Assert.Contains($"for {pair.Network.ClientAddress} -> 0.0.0.0/0 {request}", line, StringComparison.Ordinal);
    }
}

public abstract class AlgorithmPair(Implementation client, Implementation daemon, params IReadOnlyList<string> daemonArguments)
    : Pair(client, daemon, string.Concat(AlgorithmStanza.All.Select(stanza => stanza.AccessLines)), daemonArguments);

public sealed class OurClientAlgorithmTests(OurClientAlgorithmTests.Programs pair) : AlgorithmTests(pair), IClassFixture<OurClientAlgorithmTests.Programs>
{
    // Its UDP server answers faster than its capture, which sleeps 100 ms between looks.
    public sealed class Programs() : AlgorithmPair(Implementation.Ours, Implementation.Reference, "-U");
}

public sealed class OurDaemonAlgorithmTests(OurDaemonAlgorithmTests.Programs pair) : AlgorithmTests(pair), IClassFixture<OurDaemonAlgorithmTests.Programs>
{
    public sealed class Programs() : AlgorithmPair(Implementation.Reference, Implementation.Ours);
}
