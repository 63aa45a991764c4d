namespace Fwknop.Daemon.Lifecycle;

/// <summary>The daemon cannot start. The message is for the administrator: what is wrong and what to do.</summary>
internal sealed class StartupException(string message) : Exception(message);
