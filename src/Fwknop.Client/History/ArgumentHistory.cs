using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>The last command line, kept in a file for <c>-l</c> and <c>--show-last</c> (client.md 7).</summary>
internal sealed class ArgumentHistory(Settings settings, Messages messages, ClientEnvironment environment)
{
    // The reference's limits (client.md 7, 15.3).
    private const int MaxWords = 1024;
    private const int MaxPath = 1023;

    /// <summary>Keeps a command line.</summary>
    /// <param name="words">The words after the program's name.</param>
    /// <returns>False when the run must end; the reason has been printed.</returns>
    public bool TrySave(IReadOnlyList<string> words)
    {
        if (settings.NoHistory)
        {
            return true;
        }

        if (!TryFindFile(out string path))
        {
            return false;
        }

        if (Messages.Program.Length + words.Sum(word => ArgumentText.Encode(word).Length) >= MaxWords)
        {
            messages.Error("argument string too long, exiting.");
            messages.Error("[*] --no-save-args lifts the limit: the command line is then not kept.");
            return false;
        }

        if (words.Any(word => word.Contains('\n', StringComparison.Ordinal)))
        {
            messages.Warning("[-] WARNING: The command line is not kept: an argument has a line break in it.");
            return true;
        }

        try
        {
            if (PrivateFile.IsRegular(path))
            {
                using InspectedFile old = environment.Platform.Open(path);
                _ = RcPermissions.Check(old, messages);
            }

            using FileStream file = PrivateFile.Overwrite(path);
            file.Write(ArgumentText.Encode(ShellWords.Join([Messages.Program, .. words]) + '\n'));
            return true;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Could not open args file: {path}");
            messages.Error($"[*] {FileError.Reason(e, path)}; with --no-save-args the command line is not kept.");
            return false;
        }
    }

    /// <summary>Reads the kept line.</summary>
    /// <returns>The line without its newline; null when the run must end, the reason has been printed.</returns>
    public string? Read()
    {
        if (!TryFindFile(out string path))
        {
            return null;
        }

        using InspectedFile file = environment.Platform.Open(path);
        if (!RcPermissions.Check(file, messages))
        {
            return null;
        }

        try
        {
            using SecretBuffer content = file.ReadAll();
            int end = content.Span.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? content.Span : content.Span[..end];
            if (!content.Span.IsEmpty)
            {
                return ArgumentText.Decode(line);
            }

            messages.Normal($"Could not read line from file: {path}");
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"Could not open args file: {path}");
            messages.Error($"[*] {FileError.Reason(e, path)}.");
        }

        return null;
    }

    private bool TryFindFile(out string path)
    {
        path = settings.HistoryFile ?? string.Empty;
        if (settings.HistoryFile is not null)
        {
            return true;
        }

        if (settings.NoHomeDirectory)
        {
            messages.Error("In --no-home-dir mode must set the args save file path with -E");
            return false;
        }

        path = HomeFolder.Find(environment.Variable) is { } home ? Path.Join(home, ".fwknop.run") : string.Empty;
        if (path.Length is 0 or > MaxPath)
        {
            messages.Error("Unable to determine args save file");
        }

        return path.Length is > 0 and <= MaxPath;
    }
}
