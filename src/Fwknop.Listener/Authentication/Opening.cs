using Fwknop.Protocol;

namespace Fwknop.Listener.Authentication;

/// <summary>What came of opening a packet with the keys of one stanza.</summary>
/// <param name="Message">The message, or null.</param>
/// <param name="Keys">The keys that have opened it, or were tried last; null when the stanza has none for such a packet.</param>
/// <param name="Rejection">Why it was not opened by these.</param>
/// <param name="GpgError">What gpg said against it; null when it was not gpg's to open.</param>
internal readonly record struct Opening(AuthenticMessage? Message, PacketKeys? Keys, Rejection Rejection = Rejection.None, string? GpgError = null);
