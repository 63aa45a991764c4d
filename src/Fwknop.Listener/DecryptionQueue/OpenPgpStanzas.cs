using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>The stanzas that take OpenPGP packets, and how each opens them (server.md 6, step 12).</summary>
internal sealed class OpenPgpStanzas
{
    private readonly DecryptionRound _round = new();
    private readonly Dictionary<AccessStanza, (PacketKeys Keys, AwaitedOpenPgp OpenPgp)> _stanzas = [];

    public OpenPgpStanzas(ListenerSetup setup)
    {
        foreach (AccessStanza stanza in setup.Stanzas)
        {
            if (stanza.Gpg is { } rules && setup.Keyrings.TryGetValue(stanza.Number, out KeyringPlace place))
            {
                AwaitedOpenPgp openPgp = new(rules, place, stanza.Keys.HmacKey is not null, _round);
                _stanzas.Add(stanza, (new PacketKeys(openPgp, stanza.Keys.HmacKey, stanza.Keys.HmacType, rules.Signatures), openPgp));
            }
        }
    }

    /// <summary>What a stanza opens OpenPGP packets with; null when it takes none.</summary>
    public PacketKeys? KeysOf(AccessStanza stanza) => _stanzas.TryGetValue(stanza, out (PacketKeys Keys, AwaitedOpenPgp) found) ? found.Keys : null;

    /// <summary>What gpg had to say against the last message of a stanza.</summary>
    public string ErrorTextOf(AccessStanza stanza) => _stanzas.TryGetValue(stanza, out (PacketKeys, AwaitedOpenPgp OpenPgp) found) ? found.OpenPgp.ErrorText : "";

    /// <summary>What has to be decrypted before the packet can be decided: one message for each stanza that it may be for.</summary>
    /// <param name="text">The packet's text.</param>
    /// <param name="isMeant">The stanzas.</param>
    public IReadOnlyList<DecryptionTask> FindWanted(ReadOnlySpan<byte> text, Func<AccessStanza, bool> isMeant)
    {
        _round.Begin([]);
        foreach ((AccessStanza stanza, (PacketKeys keys, _)) in _stanzas)
        {
            if (isMeant(stanza))
            {
                // Up to the HMAC; then it asks for the decryption and goes no further.
                SpaPacket.TryOpen(text, keys, out _, out _);
            }
        }

        return _round.TakeWanted();
    }

    /// <summary>From here on until the next packet, these are the answers.</summary>
    public void Supply(IReadOnlyList<DecryptionTask> answered) => _round.Begin(answered);
}
