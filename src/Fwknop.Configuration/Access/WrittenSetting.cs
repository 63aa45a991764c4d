namespace Fwknop.Configuration.Access;

/// <summary>A setting of a stanza as it stands in the file; of a secret only that it is there.</summary>
/// <param name="Value">The text; of a secret <see cref="Hidden"/>.</param>
/// <param name="File">The file.</param>
/// <param name="Line">The line.</param>
public sealed record WrittenSetting(string Value, string File, int Line)
{
    /// <summary>What stands for a secret (server.md 1.4).</summary>
    public const string Hidden = "<see the access.conf file>";
}
