namespace Fwknop.Protocol;

/// <summary>What a packet asks for (protocol.md 3.5). The numbers are those on the wire.</summary>
public enum MessageType : byte
{
    /// <summary>Run a command: <c>IP,command</c>.</summary>
    Command = 0,

    /// <summary>Open ports: <c>IP,proto/port[,…]</c>.</summary>
    Access = 1,

    /// <summary>Forward to another host.</summary>
    NatAccess = 2,

    /// <summary>Open ports for the time the client names.</summary>
    ClientTimeoutAccess = 3,

    /// <summary>Forward to another host for the time the client names.</summary>
    ClientTimeoutNatAccess = 4,

    /// <summary>Forward to another port of the daemon's host.</summary>
    LocalNatAccess = 5,

    /// <summary>Forward to another port of the daemon's host for the time the client names.</summary>
    ClientTimeoutLocalNatAccess = 6,
}
