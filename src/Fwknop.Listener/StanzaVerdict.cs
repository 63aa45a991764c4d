using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Listener;

/// <summary>What one stanza found about one packet.</summary>
/// <param name="Stanza">The stanza.</param>
/// <param name="Outcome">What it found.</param>
/// <param name="Rejection">With <see cref="Outcome.NotAuthentic"/>: the reason.</param>
/// <param name="GpgError">What gpg said against it; null when the packet was not opened by gpg.</param>
internal readonly record struct StanzaVerdict(AccessStanza Stanza, Outcome Outcome, Rejection Rejection = Rejection.None, string? GpgError = null);
