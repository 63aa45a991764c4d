using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Saves options as a stanza of the rc file: <c>--save-rc-stanza</c> (client.md 6.6).</summary>
internal sealed class StanzaSaver(Messages messages, ClientEnvironment environment)
{
    // Replaced only when the user says so.
    private static readonly HashSet<string> Critical =
    [
        "KEY", "KEY_BASE64", "HMAC_KEY", "HMAC_KEY_BASE64", "GPG_RECIPIENT", "GPG_SIGNER", "GPG_SIGNING_PW", "GPG_SIGNING_PW_BASE64",
    ];

    /// <summary>Writes the stanza.</summary>
    /// <param name="settings">Names file and stanza.</param>
    /// <param name="entries">What to write.</param>
    /// <param name="written">The keywords that were written, all but those the user kept.</param>
    /// <param name="path">The file.</param>
    /// <returns>False when nothing was saved; the file is as it was and the reason has been printed.</returns>
    public bool TrySave(Settings settings, IReadOnlyList<RcEntry> entries, out IReadOnlySet<string> written, out string path)
    {
        written = new HashSet<string>();
        path = string.Empty;
        string stanza = settings.StanzaName ?? settings.Destination!;
        if (StanzaEditor.FirstProblem(stanza, entries) is { } problem)
        {
            messages.Error($"[*] {problem} Nothing was saved.");
            return false;
        }

        // What is to be said of these files was said when they were loaded.
        using RcFiles? files = RcFiles.Open(settings, environment, out string? missing);
        if (files is null)
        {
            messages.Error(missing!);
            return false;
        }

        RcLocation location = files.Location;
        if (location.IsDescriptor)
        {
            messages.Error($"[*] The rc file is a descriptor, {location.Path}: no stanza can be saved there.");
            return false;
        }

        return TrySave(location, stanza, settings.ForceStanza, entries, ref written, ref path);
    }

    private bool TrySave(
        RcLocation location, string stanza, bool force, IReadOnlyList<RcEntry> entries, ref IReadOnlySet<string> written, ref string path)
    {
        path = location.Path;
        try
        {
            path = Choose(location, stanza);

            // From reading to replacing: what others save at the same time must not get lost.
            using LockedFile held = LockedFile.Open(path);
            using RcText file = RcText.Read(path, environment.Platform);
            HashSet<string> kept = force ? [] : AskWhatToKeep(file, stanza);
            messages.Debug($"update_rc() : {(file.HasStanza(stanza) ? "Updating" : "Inserting new")} {TerminalText.Of(stanza)} stanza");
            Report(entries, kept);
            using SecretBuffer content = new();
            new StanzaEditor(stanza, entries, kept, content).Apply(file);
            CheckUnchanged(file);
            held.Replace(content.Span);
            written = entries.Select(entry => entry.Keyword).Where(keyword => !kept.Contains(keyword)).ToHashSet();
            return true;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"update_rc() : Unable to create temporary rc file: {path}: {FileError.Reason(e)}");
            messages.Error("[*] Nothing was saved; the rc file is as it was.");
            return false;
        }
    }

    // The file that has the stanza already, else the main file.
    private string Choose(RcLocation location, string stanza)
    {
        foreach (string path in location.Included)
        {
            using RcText file = RcText.Read(path, environment.Platform);
            if (file.HasStanza(stanza))
            {
                return path;
            }
        }

        return location.Path;
    }

    // An editor knows nothing of the lock.
    private void CheckUnchanged(RcText file)
    {
        using RcText now = RcText.Read(file.Path, environment.Platform);
        if (!now.Content.Span.SequenceEqual(file.Content.Span))
        {
            throw new IOException("Was changed by somebody else meanwhile");
        }
    }

    private HashSet<string> AskWhatToKeep(RcText file, string stanza)
    {
        HashSet<string> kept = [];
        string name = file.FindStanza(stanza) ?? stanza;
        foreach (string keyword in StanzaEditor.KeywordsOf(file, stanza))
        {
            if (!Critical.Contains(keyword))
            {
                continue;
            }

            messages.Normal($"Variable '{keyword}' found in stanza '{TerminalText.Of(name)}'. Overwrite [N/y] ? ");
            if (environment.ReadAnswer() is not (['y' or 'Y', ..]))
            {
                kept.Add(keyword);
            }
        }

        return kept;
    }

    private void Report(IReadOnlyList<RcEntry> entries, HashSet<string> kept)
    {
        foreach (RcEntry entry in entries)
        {
            if (!kept.Contains(entry.Keyword))
            {
                bool isSecret = ClientOptions.FindKeyword(entry.Keyword) is { IsSecret: true };
                string value = isSecret ? "<hidden>" : System.Text.Encoding.UTF8.GetString(entry.Value.Span);
                messages.Debug($"add_single_var_to_rc() : Updating param ({entry.Number}) {entry.Keyword} to {value}");
            }
        }
    }
}
