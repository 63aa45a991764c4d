using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Protocol;

namespace Fwknop.Listener.Authentication;

/// <summary>Opens packets with the keys of stanzas (server.md 6, steps 10 to 13).</summary>
internal sealed class PacketOpener(ListenerSetup setup)
{
    /// <summary>The encryption types of the reference, told by the length of the text (step 10).</summary>
    public const int Symmetric = 1;

    /// <summary>See <see cref="Symmetric"/>.</summary>
    public const int OpenPgp = 2;

    private readonly OpenPgpStanzas _openPgp = new(setup);

    /// <summary>Step 10.</summary>
    public static int TypeOf(ReadOnlySpan<byte> text) => text.Length < Limits.OpenPgpText ? Symmetric : OpenPgp;

    /// <summary>What has to be decrypted elsewhere before a packet can be opened; nothing for most.</summary>
    /// <param name="text">The packet's text.</param>
    /// <param name="isMeant">The stanzas that it may be for.</param>
    public IReadOnlyList<DecryptionTask> FindWanted(ReadOnlySpan<byte> text, Func<AccessStanza, bool> isMeant) =>
        TypeOf(text) == OpenPgp ? _openPgp.FindWanted(text, isMeant) : [];

    /// <summary>From here on until the next packet, these are the answers.</summary>
    public void Supply(IReadOnlyList<DecryptionTask> answered) => _openPgp.Supply(answered);

    /// <summary>Steps 11 to 13: the symmetric key, if the packet may be for it, then gpg.</summary>
    public Opening Open(AccessStanza stanza, ReadOnlySpan<byte> text)
    {
        Opening opening = default;
        int type = TypeOf(text);
        bool hasKey = stanza.Keys.Mode != EncryptionMode.Asymmetric;
        if (hasKey && (type == Symmetric || stanza.Commands is not null))
        {
            SpaPacket.TryOpen(text, stanza.Keys, out AuthenticMessage? message, out Rejection why);
            opening = new Opening(message, stanza.Keys, why);
        }

        if (opening.Message is null && type == OpenPgp && _openPgp.KeysOf(stanza) is { } keys)
        {
            SpaPacket.TryOpen(text, keys, out AuthenticMessage? message, out Rejection why);
            opening = new Opening(message, keys, why, _openPgp.ErrorTextOf(stanza));
        }

        return opening;
    }
}
