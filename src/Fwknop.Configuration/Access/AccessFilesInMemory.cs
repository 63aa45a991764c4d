using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Access files that are texts: nothing on the disk is looked at.</summary>
internal sealed class AccessFilesInMemory(IReadOnlyDictionary<string, byte[]> files) : IAccessFiles
{
    private const string Missing = "No such file or directory";

    public ConfigText? Read(string path, FileKind kind, Place from)
    {
        ConfigText? text = ReadKeys(path, out string problem);
        if (text is null)
        {
            from.Error($"[*] Could not open access file: {path}: {problem}");
        }

        return text;
    }

    public ConfigText? ReadKeys(string path, out string problem)
    {
        problem = Missing;
        return files.TryGetValue(path, out byte[]? bytes) ? ConfigText.CopyOf(bytes) : null;
    }

    public IReadOnlyList<string>? List(string folder, Place from)
    {
        string[] paths = [.. files.Keys.Where(path => Path.GetDirectoryName(path) == folder)];
        if (paths.Length == 0)
        {
            from.Error($"[*] Access folder: '{folder}' could not be opened.");
        }

        return paths.Length == 0 ? null : paths;
    }

    public bool IsFolder(string path) => files.Keys.Any(file => Path.GetDirectoryName(file) == path);
}
