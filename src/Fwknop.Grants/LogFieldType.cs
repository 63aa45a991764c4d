namespace Fwknop.Grants;

/// <summary>What the value of a log field may be (docs/log.md); the listener's values are checked by it.</summary>
public enum LogFieldType
{
    /// <summary>Anything, at most <see cref="LogField.MaxText"/> characters; control characters are replaced. A string.</summary>
    Text = 0,

    /// <summary>One of a few words that the documentation lists: small letters, digits, <c>_</c>. A string.</summary>
    Word,

    /// <summary>An integer of 64 bits. A number.</summary>
    Number,

    /// <summary>An IPv4 or IPv6 address in its usual form. A string.</summary>
    Address,

    /// <summary>An address, or a network such as <c>192.0.2.0/24</c>. A string.</summary>
    Network,

    /// <summary>A second in UTC by RFC 3339, <c>2026-01-31T08:15:30Z</c>. A string.</summary>
    Time,

    /// <summary>Ports such as <c>tcp/22</c>, at most <see cref="GrantRequest.MaxPorts"/>. A list of strings.</summary>
    Ports,
}
