namespace Fwknop.Configuration.Files;

/// <summary>What a file is for, which decides how strict its permissions must be.</summary>
internal enum FileKind
{
    /// <summary>fwknopd.conf and override files.</summary>
    Config,

    /// <summary>access.conf: holds keys.</summary>
    Access,

    /// <summary>A file that access.conf includes, or that is found in a folder: the same, and nobody else may own it.</summary>
    IncludedAccess,
}
