using System.Collections.Frozen;
using System.Text;

namespace Fwknop.Configuration.Access;

/// <summary>The directives of access.conf (server.md 4.1).</summary>
internal static class AccessDirectives
{
    /// <summary>The one for keys.</summary>
    public const string Keys = "%include_keys";

    public static FrozenDictionary<string, AccessDirective> ByName { get; } = new AccessDirective[]
    {
        new("%include", AccessDirectiveKind.File),
        new("%include_folder", AccessDirectiveKind.Folder),
        new(Keys, AccessDirectiveKind.Keys),
    }.ToFrozenDictionary(directive => directive.Name, StringComparer.Ordinal);

    public static AccessDirective? Find(ReadOnlySpan<byte> name) =>
        name.StartsWith("%"u8) && name.Length <= AccessKeywords.MaxNameLength ? ByName.GetValueOrDefault(Encoding.Latin1.GetString(name)) : null;
}
