using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>One attempt to connect.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">The operating system's text; empty when the outcome says it all.</param>
/// <param name="Connection">Of an open port; the receiver disposes of it.</param>
internal sealed record ConnectAttempt(ConnectOutcome Outcome, string Reason = "", Socket? Connection = null);
