namespace Fwknop.Configuration.Files;

/// <summary>What <c>lstat</c> tells about a file and the base library does not.</summary>
/// <param name="IsRegular">True for a regular file, and for a symbolic link to one.</param>
/// <param name="IsOwnedByUs">True when the owner is the effective user.</param>
/// <param name="IsOwnedByRoot">True when the owner is root.</param>
public readonly record struct FileFacts(bool IsRegular, bool IsOwnedByUs, bool IsOwnedByRoot);
