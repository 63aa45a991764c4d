using System.Diagnostics.CodeAnalysis;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>The OpenPGP part of one stanza's packets: answers that a decryptor has given, or a note that they are wanted.</summary>
internal sealed class AwaitedOpenPgp(GpgRules rules, KeyringPlace place, bool hasHmac, DecryptionRound round) : IOpenPgp
{
    public OpenPgpNames Names { get; } = new(rules.DecryptId, null, rules.HomeDirectory, rules.Executable);

    /// <summary>What gpg had to say against the last message; empty when nothing.</summary>
    public string ErrorText { get; private set; } = "";

    public bool TryEncrypt(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out byte[]? message, out Rejection why) =>
        throw new NotSupportedException("A server makes no packets.");

    public bool TryDecrypt(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why)
    {
        DecryptionAnswer? answer = round.Find(place, message, hasHmac);
        decrypted = answer?.Decrypted is { } known ? new DecryptedMessage(known.Plaintext, known.Signatures) : null;
        why = answer?.Why ?? Rejection.GpgmeDecryptFailed;
        ErrorText = decrypted is { Signatures: [OpenPgpSignature first, ..] } ? first.ErrorText : answer?.ErrorText ?? "";
        return decrypted is not null;
    }
}
