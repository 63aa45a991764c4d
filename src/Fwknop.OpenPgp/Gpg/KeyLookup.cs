using Fwknop.Protocol;

namespace Fwknop.OpenPgp;

/// <summary>What a search for one key may end in, by whom the key is for (protocol.md 12).</summary>
/// <param name="Command">gpg's command that lists such keys.</param>
/// <param name="NotListed">gpg could not be asked.</param>
/// <param name="NotFound">No key matches.</param>
/// <param name="Ambiguous">More than one key matches.</param>
/// <param name="Missing">What gpg says when no key matches.</param>
internal sealed record KeyLookup(string Command, Rejection NotListed, Rejection NotFound, Rejection Ambiguous, string Missing)
{
    public static readonly KeyLookup Recipient = new(
        "--list-keys",
        Rejection.GpgmeRecipientKeylistStart,
        Rejection.GpgmeRecipientKeyNotFound,
        Rejection.GpgmeRecipientKeyAmbiguous,
        "No public key");

    public static readonly KeyLookup Signer = new(
        "--list-secret-keys",
        Rejection.GpgmeSignerKeylistStart,
        Rejection.GpgmeSignerKeyNotFound,
        Rejection.GpgmeSignerKeyAmbiguous,
        "No secret key");
}
