using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Where access files come from: the disk, or memory for a text that stands alone.</summary>
internal interface IAccessFiles
{
    /// <summary>Reads an access file; what is wrong with it goes to <paramref name="from"/>.</summary>
    ConfigText? Read(string path, FileKind kind, Place from);

    /// <summary>Reads a key file, which may belong to a user.</summary>
    /// <returns>Null and the reason, which says nothing about what is in the file.</returns>
    ConfigText? ReadKeys(string path, out string problem);

    /// <summary>The paths of what is in a folder, in no order; null when it cannot be listed, which has been reported.</summary>
    IReadOnlyList<string>? List(string folder, Place from);

    /// <summary>True for a folder, and not for a symbolic link to one.</summary>
    bool IsFolder(string path);
}
