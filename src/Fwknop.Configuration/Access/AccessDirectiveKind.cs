namespace Fwknop.Configuration.Access;

/// <summary>What a line that begins with <c>%</c> does.</summary>
internal enum AccessDirectiveKind
{
    /// <summary>Reads an access file.</summary>
    File,

    /// <summary>Reads the access files of a folder.</summary>
    Folder,

    /// <summary>Reads keys into the stanza.</summary>
    Keys,
}
