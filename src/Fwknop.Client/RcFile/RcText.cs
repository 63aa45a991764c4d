using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>The content of one rc file. Owns it, since it may hold keys.</summary>
/// <param name="Path">Where it came from.</param>
/// <param name="Content">The bytes.</param>
internal sealed record RcText(string Path, SecretBuffer Content) : IDisposable
{
    /// <summary>Somebody else can change the file: it must not name programs to run.</summary>
    public bool IsOpenToOthers { get; init; }

    /// <summary>Reads one file.</summary>
    /// <inheritdoc cref="InspectedFile.ReadAll"/>
    public static RcText Read(string path, IPlatform platform)
    {
        using InspectedFile file = platform.Open(path);
        return Read(file);
    }

    /// <summary>Reads an open file.</summary>
    /// <inheritdoc cref="InspectedFile.ReadAll"/>
    public static RcText Read(InspectedFile file) =>
        new(file.Path, file.ReadAll()) { IsOpenToOthers = !DescriptorPath.Is(file.Path) && file.OpenToOthers is not null };

    /// <summary>Goes through the lines.</summary>
    public RcLines GetEnumerator() => new(Content.Span);

    public bool HasStanza(string name) => FindStanza(name) is not null;

    /// <returns>The name as the file writes it, or null when there is no such stanza.</returns>
    public string? FindStanza(string name)
    {
        foreach (ReadOnlySpan<byte> line in this)
        {
            RcLine parsed = RcLine.Parse(line);
            if (parsed.IsHeaderOf(name))
            {
                return parsed.NameText;
            }
        }

        return null;
    }

    public void Dispose() => Content.Dispose();
}
