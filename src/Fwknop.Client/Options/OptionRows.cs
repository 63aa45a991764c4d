using System.Text;
using Fwknop.Configuration.CommandLine;
using Fwknop.Protocol;
using static Fwknop.Client.KeywordSetters;

namespace Fwknop.Client;

/// <summary>The kinds of rows that <see cref="ClientOptions.Table"/> is made of.</summary>
internal static class OptionRows
{
    private const int Port = ushort.MaxValue;
    private const int RawKeyMax = Limits.HmacKeyProgramBytes;

    /// <summary>An empty value means that the option was not given, as in the reference: scripts write <c>-N "$TARGET"</c>.</summary>
    public static ClientOption Text(
        char? letter, string[] names, string argument, string? keyword, string help, Action<Settings, string?> set, SavedValue? saved = null) =>
        Text(letter, names, argument, keyword, help, (s, v) => Store(() => set(s, v.Length == 0 ? null : v)), saved);

    public static ClientOption Text(
        char? letter,
        string[] names,
        string argument,
        string? keyword,
        string help,
        Func<Settings, string, SetResult> set,
        SavedValue? saved = null)
    {
        OptionSetter setter = (s, v) => set(s, Encoding.UTF8.GetString(v));
        return new()
        {
            Letter = letter,
            Names = names,
            Argument = argument,
            Keyword = keyword,
            Help = help,
            Set = setter,
            SetFromRc = setter,
            Saved = saved,
        };
    }

    public static ClientOption Flag(
        char? letter, string[] names, string? keyword, string help, Action<Settings, bool> set, SavedValue? saved = null)
    {
        return new()
        {
            Letter = letter,
            Names = names,
            Keyword = keyword,
            Help = help,
            Set = (s, _) => Store(() => set(s, true)),
            SetFromRc = keyword is null ? null : YesNo(set),
            Saved = saved,
        };
    }

    public static ClientOption Number(
        char? letter,
        string[] names,
        string argument,
        string? keyword,
        string help,
        (int Min, int Max) range,
        Func<string, string> refusal,
        Action<Settings, int> set,
        SavedValue? saved = null)
    {
        SetResult SetNumber(Settings s, ReadOnlySpan<byte> v, bool explain)
        {
            string text = Encoding.UTF8.GetString(v);
            return StrictNumber.TryParse(text, range.Min, range.Max, out int number)
                ? Store(() => set(s, number))
                : SetResult.Refused(explain ? refusal(text) : null);
        }

        return new()
        {
            Letter = letter,
            Names = names,
            Argument = argument,
            Keyword = keyword,
            Help = help,
            Set = (s, v) => SetNumber(s, v, explain: true),
            SetFromRc = (s, v) => SetNumber(s, v, explain: false),
            Saved = saved,
        };
    }

    public static ClientOption PortNumber(char? letter, string[] names, string keyword, string help, Action<Settings, int> set, SavedValue saved) =>
        Number(letter, names, "PORT", keyword, help, (0, Port), v => $"[*] Value {v} out of range [(0)-({Port})]", set, saved);

    public static ClientOption KeyLength(string name, string what, string help, Action<Settings, int> set) =>
        Number(null, [name], "BYTES", null, help, (1, RawKeyMax), v => $"Invalid {what} length '{v}', must be in [1-{RawKeyMax}]", set);

    public static ClientOption Icmp(string name, string what, string help, byte max, Action<Settings, byte> set) =>
        Number(null, [name], "NUMBER", null, help, (0, max), v => $"Invalid {what} '{v}', must be in [0-{max}]", (s, n) => set(s, (byte)n));

    public static ClientOption Offset(string name, string? keyword, string help, Action<Settings, long> set, SavedValue? saved = null) => new()
    {
        Names = [name],
        Argument = "TIME",
        Keyword = keyword,
        Help = help,
        Set = (s, v) =>
        {
            string text = Encoding.UTF8.GetString(v);
            return TimeOffset.TryParse(text, out long seconds)
                ? Store(() => set(s, seconds))
                : SetResult.Refused($"Invalid time offset: '{text}'");
        },
        SetFromRc = keyword is null ? null : SetOffsetFromRc,
        Saved = saved,
    };

    /// <summary>All GPG options turn GPG on; of the keywords only <c>USE_GPG</c> does (client.md 4.3).</summary>
    public static ClientOption Gpg(
        char? letter,
        string name,
        string? argument,
        string keyword,
        string help,
        Action<Settings, string?> set,
        SavedValue saved,
        OptionSetter? setFromRc = null)
    {
        return new()
        {
            Letter = letter,
            Names = [name],
            Argument = argument,
            Keyword = keyword,
            Help = help,
            Saved = saved,
            AlsoSaves = ["USE_GPG"],
            Set = (s, v) =>
            {
                string text = Encoding.UTF8.GetString(v);
                s.UseGpg = true;
                return Store(() => set(s, text.Length == 0 ? null : text));
            },
            SetFromRc = setFromRc ?? ((s, v) =>
            {
                string text = Encoding.UTF8.GetString(v);
                return Store(() => set(s, text));
            }),
        };
    }

    /// <summary>A GPG option without argument.</summary>
    public static ClientOption GpgFlag(char? letter, string name, string keyword, string help, Action<Settings, bool> set, SavedValue saved) =>
        Gpg(letter, name, null, keyword, help, (s, _) => set(s, true), saved, YesNo(set));

    public static ClientOption Early(ClientOption row) => row with { IsEarly = true };

    public static OptionSetter YesNo(Action<Settings, bool> set) => (s, v) =>
        RcValue.TryParseYesNo(Encoding.UTF8.GetString(v), out bool on)
            ? Store(() => set(s, on))
            : SetResult.AcceptedWith("is neither yes nor no, ignored");

    public static SetResult Store(Action store)
    {
        store();
        return SetResult.Accepted;
    }
}
