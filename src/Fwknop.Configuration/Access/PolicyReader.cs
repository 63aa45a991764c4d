using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Reads access files and what they include, and makes the stanzas of all of them together (server.md 4.1, 4.4).</summary>
internal sealed class PolicyReader(AccessContext context) : IDisposable
{
    /// <summary>The file that nothing includes is at level 1; a cycle ends here, too (server.md 4.1).</summary>
    public const int MaxDepth = 3;

    /// <summary>All files together, each as often as it is read: one that includes itself a thousand times is read a million times (our choice).</summary>
    private const int MaxBytes = ConfigFile.MaxBytes;

    private readonly List<StanzaDraft> _drafts = [];
    private long _byteCount;

    /// <summary>How many SOURCE lines there were.</summary>
    public int DraftCount => _drafts.Count;

    /// <summary>True when a file could be read.</summary>
    public bool HasRead { get; private set; }

    public StanzaDraft Add(StanzaDraft draft)
    {
        _drafts.Add(draft);
        return draft;
    }

    /// <summary>Reads a file from where it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="depth">Its level.</param>
    /// <param name="from">The line that names it; line 0 of the file itself when none does.</param>
    /// <param name="kind">How strict its owner is checked.</param>
    public void ReadFile(string path, int depth, Place from, FileKind kind = FileKind.IncludedAccess)
    {
        if (_byteCount > MaxBytes)
        {
            return;
        }

        using ConfigText? text = context.Files.Read(path, kind, from);
        _byteCount += text?.Bytes.Length ?? 0;
        if (_byteCount > MaxBytes)
        {
            from.Error($"[*] The access files together are longer than {MaxBytes >> 20} MiB; the rest is not read.");
        }
        else if (text is not null)
        {
            ReadText(text.Bytes, path, depth, from.Origin);
        }
    }

    public void ReadText(ReadOnlySpan<byte> text, string file, int depth, string? includedFrom)
    {
        HasRead = true;
        context.Diagnostics.Begin(file);
        new StanzaReader(file, depth, includedFrom, this, context).Read(text);
    }

    /// <summary>
    /// Reads the files of a folder whose last extension begins with <c>.conf</c>, sorted by name, so that stanzas have the same order on every
    /// machine: the reference takes them as the file system gives them. Folders in it are not entered.
    /// </summary>
    public void ReadFolder(string folder, int depth, Place from)
    {
        IEnumerable<string> paths = context.Files.List(folder, from) ?? [];
        foreach (string path in paths.Where(IsAccessFile).Order(StringComparer.Ordinal))
        {
            if (context.Files.IsFolder(path))
            {
                from.Warning($"[*] Folder '{path}' is not read");
            }
            else
            {
                ReadFile(path, depth, from);
            }
        }
    }

    /// <summary>Checks all stanzas, and makes those that are to be used.</summary>
    /// <returns>Numbered from 1; the caller owns them. Empty after an error.</returns>
    public List<AccessStanza> MakeStanzas()
    {
        StanzaDraft[] good = [.. _drafts.Where(draft => draft.Check())];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (StanzaDraft twin in good.Where(draft => draft.Name is string name && !names.Add(name)))
        {
            twin.SayNameIsTaken();
        }

        List<AccessStanza> stanzas = [];
        foreach (StanzaDraft draft in good)
        {
            int number = stanzas.Count + 1;
            if (draft.Make(number) is AccessStanza stanza)
            {
                stanzas.Add(stanza);
                if (!context.Diagnostics.HasErrors)
                {
                    draft.Remark(number);
                }
            }
        }

        return stanzas;
    }

    public void Dispose() => _drafts.ForEach(draft => draft.Dispose());

    private static bool IsAccessFile(string path) => Path.GetExtension(path).StartsWith(".conf", StringComparison.Ordinal);
}
