using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Finds, creates and reads the rc file, and applies <c>[default]</c> and the named stanza (client.md 6.1).</summary>
internal sealed class RcLoader(Messages messages, ClientEnvironment environment)
{
    private readonly List<string> _paths = [];

    /// <summary>The files that were read, in order.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <param name="settings">Says which file and stanza; receives the settings.</param>
    /// <param name="stanzaFound">False when a stanza was named and no file has one of that name.</param>
    /// <returns>False when the run must end.</returns>
    public bool TryLoad(Settings settings, out bool stanzaFound)
    {
        stanzaFound = settings.StanzaName is null;
        List<RcText> files = [];
        try
        {
            return TryRead(settings, files) && TryApply(settings, files, ref stanzaFound);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    /// <summary>Prints the names of all stanzas but <c>[default]</c> (client.md 6.7); a missing file is not created.</summary>
    /// <returns>False when the file cannot be read.</returns>
    public bool TryList(Settings settings)
    {
        using RcFiles? files = Open(settings);
        if (files is null)
        {
            return false;
        }

        string path = files.Location.Path;
        try
        {
            using RcText main = RcText.Read(files.Main);
            messages.Result($"The following stanzas are configured in {path} :");
            List(main);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to open rc file: {path}: {FileError.Reason(e, path)}");
            return false;
        }

        foreach (InspectedFile included in files.Included)
        {
            using RcText file = ReadOrReport(included);
            List(file);
        }

        return true;
    }

    // Null when the run must end; the reason has been printed.
    private RcFiles? Open(Settings settings)
    {
        RcFiles? files = RcFiles.Open(settings, environment, out string? problem);
        if (files is null)
        {
            messages.Error(problem!);
            return null;
        }

        if (files.Location.FolderProblem is { } folderProblem)
        {
            messages.Error(folderProblem);
        }

        foreach ((string path, string culprit) in files.Untrusted)
        {
            messages.Warning($"[-] WARNING: {path} is not used: others may write to {culprit}.");
        }

        if (AreUsable(files))
        {
            return files;
        }

        files.Dispose();
        return null;
    }

    private bool AreUsable(RcFiles files)
    {
        bool isGood = files.Location.IsDescriptor || RcPermissions.Check(files.Main, messages);
        foreach (InspectedFile file in files.Included)
        {
            isGood &= RcPermissions.Check(file, messages);
        }

        return isGood;
    }

    private bool TryRead(Settings settings, List<RcText> texts)
    {
        using RcFiles? files = Open(settings);
        if (files is null)
        {
            return false;
        }

        if (files.MainExists)
        {
            texts.Add(ReadOrReport(files.Main));
        }
        else if (TryCreate(files.Location.Path))
        {
            // A new one says nothing yet.
            _paths.Add(files.Location.Path);
        }

        texts.AddRange(files.Included.Select(ReadOrReport));
        _paths.AddRange(texts.Select(text => text.Path));
        return true;
    }

    // [default] of all files, then the stanza of all files. When a stanza is saved, what it was does not count (client.md 6.4).
    private bool TryApply(Settings settings, List<RcText> files, ref bool stanzaFound)
    {
        settings.Level = Level.Default;
        foreach (RcText file in files)
        {
            if (!new RcReader(file, messages).TryApply(RcReader.DefaultStanza, settings, out _))
            {
                return false;
            }
        }

        settings.Level = Level.Stanza;
        if (settings.StanzaName is not { } stanza || settings.SaveStanza)
        {
            return true;
        }

        foreach (RcText file in files)
        {
            if (!new RcReader(file, messages).TryApply(stanza, settings, out bool found))
            {
                return false;
            }

            stanzaFound |= found;
        }

        return true;
    }

    private void List(RcText file)
    {
        foreach (ReadOnlySpan<byte> line in file)
        {
            RcLine parsed = RcLine.Parse(line);
            if (parsed.Kind == RcLineKind.Header && !parsed.IsHeaderOf(RcReader.DefaultStanza))
            {
                messages.Result($" - {TerminalText.Of(parsed.NameText)}");
            }
        }
    }

    // A file that cannot be read is reported and counts as empty (client.md 2).
    private RcText ReadOrReport(InspectedFile file)
    {
        try
        {
            return RcText.Read(file);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to open rc file: {file.Path}: {FileError.Reason(e, file.Path)}");
            return new RcText(file.Path, new SecretBuffer());
        }
    }

    private bool TryCreate(string path)
    {
        messages.Normal($"[*] Creating initial rc file: {path}.");
        try
        {
            using FileStream file = PrivateFile.CreateNew(path);
            file.Write(RcTemplate.Content);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another client was faster.
            return false;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to create initial rc file: {path}: {FileError.Reason(e, path)}");
            return false;
        }
    }
}
