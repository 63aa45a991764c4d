using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>How connections are forwarded.</summary>
public enum NatKind : byte
{
    /// <summary>To a host behind this one.</summary>
    Forward = 1,

    /// <summary>To another port of this host.</summary>
    Local = 2,
}

/// <summary>What <see cref="MessageType"/> says of it.</summary>
public static class NatKinds
{
    /// <summary>The kind that a type of message asks for; null for those that ask for none.</summary>
    public static NatKind? Of(MessageType type) => type switch
    {
        MessageType.NatAccess or MessageType.ClientTimeoutNatAccess => NatKind.Forward,
        MessageType.LocalNatAccess or MessageType.ClientTimeoutLocalNatAccess => NatKind.Local,
        _ => null,
    };
}
