using System.Net;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Another source address for what is forwarded.</summary>
/// <param name="Address">The address; null for that of the interface by which it leaves (masquerading).</param>
internal sealed record SourceTranslation(IPAddress? Address);
