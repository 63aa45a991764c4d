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
            return TryOpen(settings, files) && TryApply(settings, files, ref stanzaFound);
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
        if (Locate(settings) is not { } location)
        {
            return false;
        }

        try
        {
            using RcText main = Read(location.Path);
            messages.Result($"The following stanzas are configured in {location.Path} :");
            List(main);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to open rc file: {location.Path}: {FileError.Reason(e, location.Path)}");
            return false;
        }

        foreach (string path in location.Included)
        {
            using RcText file = ReadOrReport(path);
            List(file);
        }

        return true;
    }

    /// <summary>The rc file, after a look at who may read and write it.</summary>
    /// <returns>Null when the run must end; the reason has been printed.</returns>
    /// <param name="settings">Names the file.</param>
    /// <param name="isAgain">It was looked at before in this run: nothing is said twice.</param>
    public RcLocation? Locate(Settings settings, bool isAgain = false)
    {
        if (RcLocation.Find(settings, environment.Variable, out string? problem) is not { } location)
        {
            messages.Error(problem!);
            return null;
        }

        if (location.FolderProblem is not null && !isAgain)
        {
            messages.Error(location.FolderProblem);
        }

        location = location with { Included = [.. location.Included.Where(path => IsTrusted(path, isAgain))] };
        if (isAgain)
        {
            return location;
        }

        bool isGood = location.IsDescriptor || RcPermissions.Check(location.Path, environment.Platform, messages);
        foreach (string path in location.Included)
        {
            isGood &= RcPermissions.Check(path, environment.Platform, messages);
        }

        return isGood ? location : null;
    }

    /// <summary>Reads one file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static RcText Read(string path)
    {
        // Windows has no name for it.
        bool isConsole = path == RcLocation.StandardInput && OperatingSystem.IsWindows();
        return new RcText(path, isConsole ? SecretFile.ReadAll(Console.OpenStandardInput()) : SecretFile.Read(path));
    }

    // What others put into the folder is not the user's word.
    private bool IsTrusted(string path, bool isAgain)
    {
        string folder = Path.GetDirectoryName(path)!;
        string? culprit = environment.Platform.CanOthersWrite(folder) ? folder : environment.Platform.CanOthersWrite(path) ? path : null;
        if (culprit is not null && !isAgain)
        {
            messages.Warning($"[-] WARNING: {path} is not used: others may write to {culprit}.");
        }

        return culprit is null;
    }

    private bool TryOpen(Settings settings, List<RcText> files)
    {
        if (Locate(settings) is not { } location)
        {
            return false;
        }

        // A new one says nothing yet.
        if (!location.IsDescriptor && !Path.Exists(location.Path) && TryCreate(location.Path))
        {
            _paths.Add(location.Path);
        }
        else if (location.IsDescriptor || Path.Exists(location.Path))
        {
            files.Add(ReadOrReport(location.Path));
        }

        foreach (string path in location.Included)
        {
            files.Add(ReadOrReport(path));
        }

        _paths.AddRange(files.Select(file => file.Path));
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
                messages.Result($" - {TerminalText.Of(parsed.Name)}");
            }
        }
    }

    // A file that cannot be read is reported and counts as empty (client.md 2).
    private RcText ReadOrReport(string path)
    {
        try
        {
            bool isOpen = !RcLocation.Of(path).IsDescriptor && environment.Platform.CanOthersWrite(path);
            return Read(path) with { IsOpenToOthers = isOpen };
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to open rc file: {path}: {FileError.Reason(e, path)}");
            return new RcText(path, new SecretBuffer());
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
