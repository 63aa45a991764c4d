namespace Fwknop.Listener.Confinement;

/// <summary>Linux capabilities as the bits of /proc/self/status; those the listener may be left with.</summary>
[Flags]
internal enum Capabilities : ulong
{
    None = 0,

    /// <summary>To bind a UDP or TCP port below 1024.</summary>
    NetBindService = 1UL << 10,

    /// <summary>To capture.</summary>
    NetRaw = 1UL << 13,
}
