using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>
/// The longest message that the reference's fwknopd reads, with each HMAC type (client.md 11.1): our client warns of the
/// next one, or refuses it where no server at all can read it.
/// </summary>
public sealed class SizeTests(SizeTests.Programs pair) : IClassFixture<SizeTests.Programs>
{
    private const string User = "four";

    // The reference runs several programs for each of the ports.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [InteropTheory]
    [InlineData("none", 150, true)]
    [InlineData("md5", 138, true)]
    [InlineData("sha1", 126, false)]
    [InlineData("sha256", 126, false)]
    [InlineData("sha384", 114, false)]
    [InlineData("sha512", 102, false)]
    [InlineData("sha3_256", 126, false)]
    [InlineData("sha3_512", 102, false)]
    public void The_longest_message_is_read_and_no_longer_one(string hmac, int longest, bool nextIsRefused)
    {
        AlgorithmStanza stanza = Stanzas.Single(stanza => (stanza.HmacType ?? "none") == hmac);
        string list = PortsOf(longest, stanza);
        pair.Daemon.GrantAfter(list, () => pair.Client.Knock(Request(stanza, list)), Patience);

        string tooLong = PortsOf(longest + 1, stanza);
        pair.Daemon.LogAfter(
            "No stanza encryption mode match for encryption type: 2",
            () => new SpaClient(Reference.ClientProgram, pair.Network.Client).Knock(Request(stanza, tooLong)),
            Patience);
        ProcessRun ours = pair.Client.Run(Request(stanza, tooLong));
        Assert.Equal(nextIsRefused ? 1 : 0, ours.ExitCode);
        Assert.Contains(nextIsRefused ? "The SPA packet is too long: " : "WARNING: The SPA packet has ", ours.Errors, StringComparison.Ordinal);
    }

    private static IEnumerable<AlgorithmStanza> Stanzas => AlgorithmStanza.All.Where(stanza => stanza.Mode == "CBC");

    private string[] Request(AlgorithmStanza stanza, string list) =>
        ["-D", $"{pair.Network.ServerAddress}", "-a", $"{pair.Network.ClientAddress}", "-A", list, "-U", User, .. stanza.ClientArguments];

    // A message of that length: ports of four and five digits. Every stanza has its own, for the reference adds no rule that it has already,
    // with the same end.
    private string PortsOf(int length, AlgorithmStanza stanza)
    {
        const int itemAndComma = 10;
        int first = 2 * itemAndComma * Stanzas.TakeWhile(other => other != stanza).Count();
        int left = length - pair.Network.ClientAddress.ToString().Length;
        int count = (left + itemAndComma - 1) / itemAndComma;
        int shorter = (count * itemAndComma) - left;
        return string.Join(',', Enumerable.Range(0, count).Select(number => $"tcp/{(number < shorter ? 1000 : 10000) + first + number}"));
    }

    public sealed class Programs() : Pair(
        Implementation.Ours, Implementation.Reference, string.Concat(Stanzas.Select(stanza => stanza.AccessLines)), "-U");
}
