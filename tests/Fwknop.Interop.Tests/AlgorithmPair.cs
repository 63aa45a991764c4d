namespace Fwknop.Interop.Tests;

public abstract class AlgorithmPair(Implementation client, Implementation daemon, params IReadOnlyList<string> daemonArguments)
    : Pair(client, daemon, string.Concat(AlgorithmStanza.All.Select(stanza => stanza.AccessLines)), daemonArguments);
