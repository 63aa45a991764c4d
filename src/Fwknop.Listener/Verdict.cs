using Fwknop.Grants;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Protocol;

namespace Fwknop.Listener;

/// <summary>
/// All that was found about one packet, for the log and for the daemon. One object serves all packets, so that refusing one allocates
/// nothing.
/// </summary>
internal sealed class Verdict
{
    private readonly List<StanzaVerdict> _stanzas = [];

    /// <summary>What ended the look at the whole packet; none when the stanzas decided.</summary>
    public Outcome Outcome { get; set; }

    /// <summary>For a replay: the packet that was seen first.</summary>
    public SeenPacket Original { get; set; }

    /// <summary>What a trusted proxy put in the place of the client's address, if it is none.</summary>
    public string? InvalidForwardedFor { get; set; }

    /// <summary>What each stanza that was looked at found, in order.</summary>
    public IReadOnlyList<StanzaVerdict> Stanzas => _stanzas;

    /// <summary>1 for a symmetric packet, 2 for an OpenPGP one, told by the length (server.md 6, step 10).</summary>
    public int EncryptionType { get; set; }

    /// <summary>With <see cref="Outcome.AwaitsDecryption"/>: what is to be decrypted.</summary>
    public IReadOnlyList<DecryptionTask> Wanted { get; set; } = [];

    /// <summary>The message, once a stanza's keys have opened it.</summary>
    public AuthenticMessage? Authentic { get; set; }

    /// <summary>The keys that have opened it.</summary>
    public PacketKeys? Keys { get; set; }

    /// <summary>The packet as it is to be remembered, once authenticated.</summary>
    public SeenPacket? Spent { get; set; }

    /// <summary>What else it is to be remembered by: without its HMAC, where a stanza would take that, and by what an OpenPGP message holds.</summary>
    public List<SeenPacket> SpentBesides { get; } = [];

    /// <summary>What to ask the daemon for.</summary>
    public StanzaRequest? Request { get; set; }

    /// <summary>Adds what one stanza found.</summary>
    public void Add(StanzaVerdict stanza) => _stanzas.Add(stanza);

    /// <summary>Makes the object ready for the next packet.</summary>
    public void Clear()
    {
        Outcome = Outcome.None;
        Original = default;
        InvalidForwardedFor = null;
        Authentic = null;
        Spent = null;
        SpentBesides.Clear();
        EncryptionType = 0;
        Wanted = [];
        Keys = null;
        Request = null;
        _stanzas.Clear();
    }
}
