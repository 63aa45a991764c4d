namespace Fwknop.Client;

/// <summary>What <c>--save-rc-stanza</c> writes for a command line (client.md 6.5, 6.6).</summary>
internal static class SavedSettings
{
    /// <summary>The lines for the options of a command line, in the order of writing. The caller disposes of the values.</summary>
    /// <param name="given">The options of the command line; what came from an rc file is not copied.</param>
    /// <param name="settings">The merged settings, which have their values.</param>
    public static List<RcEntry> Of(IEnumerable<ClientOption> given, Settings settings)
    {
        HashSet<string> keywords = [];
        foreach (ClientOption option in given)
        {
            if (option.Keyword is { } keyword)
            {
                keywords.Add(keyword);
            }

            keywords.UnionWith(option.AlsoSaves);
        }

        List<RcEntry> entries = [];
        foreach (ClientOption option in ClientOptions.Table.Where(option => option.Saved is not null).OrderBy(option => option.Saved!.Place))
        {
            if (keywords.Contains(option.Keyword!) && option.Saved!.Of(settings) is { } value)
            {
                entries.Add(new RcEntry(option.Keyword!, option.Saved.Number, value));
            }
        }

        return entries;
    }
}
