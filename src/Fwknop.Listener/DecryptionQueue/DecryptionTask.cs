using Fwknop.Grants;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>One OpenPGP message that a stanza wants decrypted; its HMAC, where the stanza has one, was right.</summary>
/// <param name="place">Which keyring, and where.</param>
/// <param name="message">The OpenPGP message, binary.</param>
internal sealed class DecryptionTask(KeyringPlace place, byte[] message) : IDisposable
{
    public KeyringPlace Place => place;

    public byte[] Message => message;

    /// <summary>True when the stanza has an HMAC key: whoever holds it has sent the message.</summary>
    public bool IsVouchedFor { get; set; }

    /// <summary>Null until there is one.</summary>
    public DecryptionAnswer? Answer { get; set; }

    /// <summary>Wipes the plaintext.</summary>
    public void Dispose() => Answer?.Dispose();
}
