namespace Fwknop.Listener;

/// <summary>
/// What became of a packet, or of one stanza's look at it: every member is one reason and one log line (server.md 6; the
/// step is named).
/// </summary>
internal enum Outcome
{
    None = 0,

    /// <summary>Steps 1 to 3: a length no packet has, or a prefix that none carries.</summary>
    BadData,

    /// <summary>Step 4: not base64.</summary>
    NotSpaData,

    /// <summary>Step 5: no stanza's SOURCE has the sender.</summary>
    NoAccessData,

    /// <summary>Step 6: seen before.</summary>
    Replay,

    /// <summary>The same packet as one that another source has just given: nothing to do, nothing to warn of.</summary>
    SecondSight,

    /// <summary>Steps 10 to 12: it cannot be decided before gpg has decrypted it (<see cref="Verdict.Wanted"/>).</summary>
    AwaitsDecryption,

    /// <summary>Too many packets wait for gpg; this one is left out.</summary>
    TooManyWait,

    /// <summary>Step 7: the stanza's SOURCE or DESTINATION does not match.</summary>
    Filtered,

    /// <summary>Step 9: the stanza is past its end.</summary>
    StanzaExpired,

    /// <summary>Step 13: the stanza has no key for what the packet is by its length (<see cref="Verdict.EncryptionType"/>).</summary>
    NoEncryptionMatch,

    /// <summary>Step 13: HMAC, decryption, digest or a field is wrong; the rejection tells which.</summary>
    NotAuthentic,

    /// <summary>Step 16: GPG_FINGERPRINT_ID.</summary>
    FingerprintNotListed,

    /// <summary>Step 16: GPG_REMOTE_ID.</summary>
    SignerNotListed,

    /// <summary>Step 18: the client's clock differs too much.</summary>
    TooOld,

    /// <summary>Step 20: the packet leaves the address open and the stanza requires one.</summary>
    SourceRequired,

    /// <summary>Step 20: the packet leaves the address open, and the trusted proxy that it came through names none that SOURCE has.</summary>
    UnknownClient,

    /// <summary>ACCESS_HOURS.</summary>
    OutsideHours,

    /// <summary>TOTP_SECRET: no password, a wrong one, or one that was used.</summary>
    WrongOneTimePassword,

    /// <summary>Step 21.</summary>
    WrongUsername,

    /// <summary>Step 22: forwarding is not enabled.</summary>
    NatDisabled,

    /// <summary>Step 27: the firewall that is used does not forward (server.md 9.4, 9.5).</summary>
    NatUnsupported,

    /// <summary>Step 27: what is to be forwarded is no single port, not to one, or one that FORCE_NAT is not for.</summary>
    NatPortInvalid,

    /// <summary>Step 27: the host to forward to is no address, of the other family, or none that another host can have.</summary>
    NatAddressInvalid,

    /// <summary>Step 27: the host to forward to has a name that no host has.</summary>
    NatNameInvalid,

    /// <summary>Step 27: the host to forward to is named, and ENABLE_NAT_DNS is N.</summary>
    NatNameDisabled,

    /// <summary>NAT_TARGETS does not have the host or port to forward to.</summary>
    NatTargetDenied,

    /// <summary>Step 23: the stanza runs commands of its own for ports, and the packet names none.</summary>
    CycleWithoutPort,

    /// <summary>Step 24: commands are not enabled.</summary>
    CommandDisabled,

    /// <summary>Step 24: the command would be run, but --test is on.</summary>
    CommandInTestMode,

    /// <summary>Step 24: the command is to be run.</summary>
    Commanded,

    /// <summary>Step 25: RESTRICT_PORTS or OPEN_PORTS.</summary>
    PortDenied,

    /// <summary>Step 26: all would be granted, but --test is on.</summary>
    TestMode,

    /// <summary>Step 27.</summary>
    Granted,
}
