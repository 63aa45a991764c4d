namespace Fwknop.Configuration.Files;

/// <summary>
/// Asks the operating system about a file; null when it cannot tell. Supplied by the programs, because owner and kind of a file
/// need a native call. Without a probe the owner is not checked, and a pipe is opened before it is refused.
/// </summary>
public delegate FileFacts? FileProbe(string path);
