using System.Security.Cryptography;
using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Finds, creates and reads the rc file, and applies <c>[default]</c> and the named stanza (client.md 6.1).</summary>
internal sealed class RcLoader(Messages messages, Func<string, string?> environment)
{
    // The reference refuses longer paths (client.md 15.3).
    private const int MaxPath = 1023;

    /// <param name="settings">Says which file and stanza; receives the settings.</param>
    /// <param name="stanzaFound">False when a stanza was named and the file has none of that name.</param>
    /// <returns>False when the run must end.</returns>
    public bool TryLoad(Settings settings, out bool stanzaFound)
    {
        stanzaFound = settings.StanzaName is null;
        if (!TryGetPath(settings, out string path) || !RcPermissions.Check(path, messages))
        {
            return false;
        }

        byte[] content = Read(path);
        try
        {
            RcReader reader = new(path, content, messages);
            settings.Level = Level.Default;
            if (!reader.TryApply(RcReader.DefaultStanza, settings, out _))
            {
                return false;
            }

            settings.Level = Level.Stanza;
            return settings.StanzaName is null || reader.TryApply(settings.StanzaName, settings, out stanzaFound);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private bool TryGetPath(Settings settings, out string path)
    {
        path = settings.RcFile ?? string.Empty;
        if (settings.RcFile is null)
        {
            if (settings.NoHomeDirectory)
            {
                messages.Error("Warning: in --no-home-dir mode, must set --rc-file path.");
                return false;
            }

            string? home = environment(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
            if (home is null)
            {
                messages.Error("Warning: Unable to determine HOME directory.\n No .fwknoprc file processed.");
                return false;
            }

            path = $"{home}{Path.DirectorySeparatorChar}.fwknoprc";
        }

        if (path.Length > MaxPath)
        {
            messages.Error("Warning: Path to .fwknoprc file is too long.\n No .fwknoprc file processed.");
            return false;
        }

        return true;
    }

    // A file that cannot be read is reported and counts as empty (client.md 2).
    private byte[] Read(string path)
    {
        try
        {
            return SecretFile.Read(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Create(path);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to open rc file: {path}: {FileError.Reason(e)}");
        }

        return [];
    }

    private void Create(string path)
    {
        messages.Normal($"[*] Creating initial rc file: {path}.");
        try
        {
            using FileStream file = PrivateFile.CreateNew(path);
            file.Write(RcTemplate.Content);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Unable to create initial rc file: {path}: {FileError.Reason(e)}");
        }
    }
}
