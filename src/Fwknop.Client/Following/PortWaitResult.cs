namespace Fwknop.Client;

/// <param name="Attempt">The attempt that worked, or the last one.</param>
/// <param name="Elapsed">Since the packet was sent.</param>
internal sealed record PortWaitResult(ConnectAttempt Attempt, TimeSpan Elapsed);
