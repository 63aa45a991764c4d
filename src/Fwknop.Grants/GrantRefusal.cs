namespace Fwknop.Grants;

/// <summary>Why a stanza does not grant what is asked.</summary>
public enum GrantRefusal
{
    /// <summary>It does grant it.</summary>
    None = 0,

    /// <summary>The packet's source or destination is not in the stanza's lists (server.md 6 step 7).</summary>
    AddressFiltered,

    /// <summary>The stanza is past its ACCESS_EXPIRE (step 9).</summary>
    StanzaExpired,

    /// <summary>The time of day or week is not one of ACCESS_HOURS.</summary>
    OutsideHours,

    /// <summary>The user name is not the one required (step 21).</summary>
    WrongUsername,

    /// <summary>A requested port is restricted or not in OPEN_PORTS (step 25); or the port of this host that it leads to is restricted.</summary>
    PortDenied,

    /// <summary>The stanza runs commands for a port; none is named, and the stanza does not open exactly one.</summary>
    CycleWithoutPort,

    /// <summary>Forwarding is asked for, and not enabled (step 22).</summary>
    NatDisabled,

    /// <summary>What is forwarded is no single port, not to one (server.md 9.2.3), or one that the lines of FORCE_NAT are not for.</summary>
    NatPortInvalid,

    /// <summary>The host to forward to is no address of the family that is granted, or none that another host can have.</summary>
    NatAddressInvalid,

    /// <summary>The host to forward to has no name that a host can have.</summary>
    NatNameInvalid,

    /// <summary>The host to forward to is named, and ENABLE_NAT_DNS is N.</summary>
    NatNameDisabled,

    /// <summary>The host or port to forward to is not in NAT_TARGETS.</summary>
    NatTargetDenied,

    /// <summary>No single host can be meant: the address is unspecified.</summary>
    NoHost,
}
