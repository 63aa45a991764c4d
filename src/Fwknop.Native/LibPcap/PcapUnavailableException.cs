namespace Fwknop.Native.LibPcap;

/// <summary>libpcap is not installed, or is too old. The message says what to install.</summary>
public sealed class PcapUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
