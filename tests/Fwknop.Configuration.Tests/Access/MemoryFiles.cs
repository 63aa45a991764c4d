using System.Text;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>Access files by path; the first is where reading begins.</summary>
internal static class MemoryFiles
{
    public static Loaded<AccessPolicy> Parse(params (string Path, string Text)[] files)
    {
        Dictionary<string, byte[]> bytes = files.ToDictionary(file => file.Path, file => Encoding.UTF8.GetBytes(file.Text));
        return AccessFile.Parse(bytes[files[0].Path], files[0].Path, TimeZoneInfo.Utc, new AccessSystem(), new AccessFilesInMemory(bytes));
    }
}
