using Fwknop.Configuration.Server;

namespace Fwknop.Listener.Policy;

/// <summary>The limits that hold for all stanzas.</summary>
/// <param name="MaxPacketAge">MAX_SPA_PACKET_AGE in seconds; null with ENABLE_SPA_PACKET_AGING N.</param>
/// <param name="TestMode">--test.</param>
/// <param name="Nat">What may be forwarded.</param>
internal readonly record struct AccessRules(int? MaxPacketAge, bool TestMode, NatSettings Nat);
