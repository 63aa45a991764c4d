namespace Fwknop.Listener.Capture;

/// <summary>How a packet reached the listener, as far as the log tells it.</summary>
internal enum Reception
{
    /// <summary>By libpcap.</summary>
    Captured = 0,
    UdpServer,
    TcpServer,
}
