using System.Buffers;

namespace Fwknop.Protocol;

/// <summary>
/// What the reference's encoder accepts for each field (protocol.md 3.3 to 3.7). Its decoder accepts less:
/// <see cref="SpaPacket.TrySeal"/> refuses what no decoder would read.
/// </summary>
public static class MessageRules
{
    private static readonly SearchValues<byte> UsernameCharacters = SearchValues.Create(
        " !#$%&'()-.0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{}~"u8);

    private static readonly SearchValues<byte> NatHostForbidden = SearchValues.Create(" /?\"'\\"u8);

    /// <summary>
    /// User name: printable ASCII without <c>" / \ [ ] : ; | = , + * ? &lt; &gt;</c>, not empty (protocol.md 3.3).
    /// At most <see cref="Limits.Username"/> bytes: where the reference cuts silently, longer names are refused.
    /// </summary>
    public static Rejection CheckUsername(ReadOnlySpan<byte> name)
    {
        int bad = name.IndexOfAnyExcept(UsernameCharacters);
        return name.IsEmpty ? Rejection.UserMissing
            : bad == 0 ? Rejection.UserFirstCharacterInvalid
            : bad > 0 ? Rejection.UserLaterCharacterInvalid
            : name.Length > Limits.Username ? Rejection.DataTooLarge
            : Rejection.None;
    }

    /// <summary>
    /// Access or command text for <paramref name="type"/> (protocol.md 3.6). Ours: <c>none/0</c> in place of the ports, where nothing is forwarded.
    /// </summary>
    public static Rejection CheckMessage(MessageType type, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return Rejection.MessageEmpty;
        }

        if (text.Length > Limits.Message)
        {
            return Rejection.DataTooLarge;
        }

        bool split = AccessText.TrySplit(text, out _, out ReadOnlySpan<byte> request, out bool addressIsValid);
        if (type == MessageType.Command)
        {
            return split && !request.Contains((byte)0) ? Rejection.None : Rejection.InvalidSpaCommandMessage;
        }

        return !addressIsValid ? Rejection.InvalidAllowIP
            : split && (AccessText.TryParsePorts(request, null) || (request.SequenceEqual(AccessText.NoPorts) && !CarriesNatAccess(type))) ? Rejection.None
            : Rejection.InvalidSpaAccessMessage;
    }

    /// <summary>
    /// <c>host,port</c> (protocol.md 3.6). The host is checked for little more than its length: whoever acts on it must validate
    /// it again.
    /// </summary>
    public static Rejection CheckNatAccess(ReadOnlySpan<byte> text) =>
        text.IsEmpty ? Rejection.NatEmpty
        : text.Length > Limits.NatAccess ? Rejection.DataTooLarge
        : IsNatAccess(text) ? Rejection.None
        : Rejection.InvalidSpaNatAccessMessage;

    /// <summary>Server authentication text: 1 to <see cref="Limits.ServerAuth"/> bytes (protocol.md 3.7).</summary>
    internal static Rejection CheckServerAuth(ReadOnlySpan<byte> text) =>
        text.IsEmpty ? Rejection.ServerAuthMissing : text.Length > Limits.ServerAuth ? Rejection.DataTooLarge : Rejection.None;

    /// <summary>Client timeout in seconds: not negative; 0 means none (protocol.md 3.7).</summary>
    internal static Rejection CheckClientTimeout(int seconds) => seconds < 0 ? Rejection.ClientTimeoutNegative : Rejection.None;

    /// <summary>
    /// The type that goes on the wire: a timeout or a NAT text changes the type that was asked for (protocol.md 3.5).
    /// </summary>
    /// <param name="type">What was asked for.</param>
    /// <param name="hasNatAccess">A NAT text is set.</param>
    /// <param name="clientTimeout">Seconds; 0 means none.</param>
    public static MessageType ForcedType(MessageType type, bool hasNatAccess, int clientTimeout)
    {
        MessageType byTimeout = (type, clientTimeout > 0) switch
        {
            (MessageType.Access, true) => MessageType.ClientTimeoutAccess,
            (MessageType.NatAccess, true) => MessageType.ClientTimeoutNatAccess,
            (MessageType.LocalNatAccess, true) => MessageType.ClientTimeoutLocalNatAccess,
            (MessageType.ClientTimeoutAccess, false) => MessageType.Access,
            (MessageType.ClientTimeoutNatAccess, false) => MessageType.NatAccess,
            (MessageType.ClientTimeoutLocalNatAccess, false) => MessageType.LocalNatAccess,
            _ => type,
        };
        bool isLocal = byTimeout is MessageType.LocalNatAccess or MessageType.ClientTimeoutLocalNatAccess;
        return !hasNatAccess || isLocal ? byTimeout
            : clientTimeout > 0 ? MessageType.ClientTimeoutNatAccess
            : MessageType.NatAccess;
    }

    /// <summary>True for the types that carry a NAT text.</summary>
    public static bool CarriesNatAccess(MessageType type) => type is MessageType.NatAccess or MessageType.ClientTimeoutNatAccess
        or MessageType.LocalNatAccess or MessageType.ClientTimeoutLocalNatAccess;

    /// <summary>True for the types that carry a timeout.</summary>
    internal static bool CarriesTimeout(MessageType type) => type is MessageType.ClientTimeoutAccess
        or MessageType.ClientTimeoutNatAccess or MessageType.ClientTimeoutLocalNatAccess;

    internal static bool IsNatAccess(ReadOnlySpan<byte> text)
    {
        int comma = text.IndexOf((byte)',');
        return comma is >= 0 and <= Limits.NatHost
            && !text[..comma].ContainsAny(NatHostForbidden)
            && !text[..comma].Contains((byte)0)
            && PortSpec.TryParsePort(text[(comma + 1)..], out _);
    }
}
