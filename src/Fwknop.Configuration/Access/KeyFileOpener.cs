using Microsoft.Win32.SafeHandles;

namespace Fwknop.Configuration.Access;

/// <summary>
/// Opens a file that a user owns so that he gains nothing by what he puts in its place: no symbolic link, nothing but a regular file, without
/// waiting for it.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="problem">Why it is not opened.</param>
/// <returns>The open file, which the caller disposes, or null.</returns>
public delegate SafeFileHandle? KeyFileOpener(string path, out string problem);
