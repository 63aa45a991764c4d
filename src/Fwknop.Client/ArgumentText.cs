using System.Text;

namespace Fwknop.Client;

/// <summary>
/// Arguments as the shell gave them, byte for byte. Strings cannot hold bytes that are no UTF-8; here each such byte is the lone surrogate
/// U+DC00 plus its value, which valid text never has.
/// </summary>
internal static class ArgumentText
{
    private const char ByteBase = '\uDC00';
    private const char FirstByte = '\uDC80';
    private const char LastByte = '\uDCFF';
    private const char Replacement = '\uFFFD';
    private const string CommandLineFile = "/proc/self/cmdline";

    /// <summary>The arguments of this process with the bytes that the runtime replaced.</summary>
    /// <param name="arguments">The words as the runtime gave them.</param>
    /// <param name="problem">Why there are none, or null.</param>
    public static IReadOnlyList<string> Restore(IReadOnlyList<string> arguments, out string? problem)
    {
        problem = null;
        return arguments.Any(word => word.Contains(Replacement, StringComparison.Ordinal)) ? Restore(arguments, CommandLineBytes(), out problem) : arguments;
    }

    /// <summary>The same with the process's words, each ended by a zero byte; the arguments are the last of them.</summary>
    public static IReadOnlyList<string> Restore(IReadOnlyList<string> arguments, ReadOnlySpan<byte> words, out string? problem)
    {
        problem = null;
        List<string> all = [];
        while (words.IndexOf((byte)0) is var end and >= 0)
        {
            all.Add(Decode(words[..end]));
            words = words[(end + 1)..];
        }

        List<string> found = [.. all.Skip(all.Count - arguments.Count)];
        bool fits = found.Count == arguments.Count
            && found.Zip(arguments).All(pair => pair.First == pair.Second || pair.Second.Contains(Replacement, StringComparison.Ordinal));
        if (fits)
        {
            return found;
        }

        problem = $"{Messages.Prefix}an argument has bytes that are not valid UTF-8.";
        return arguments;
    }

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        while (!bytes.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            length = isValid ? length : 1;
            text.Append(isValid ? rune.ToString() : ((char)(ByteBase + bytes[0])).ToString());
            bytes = bytes[length..];
        }

        return text.ToString();
    }

    public static byte[] Encode(string text)
    {
        if (IsUtf8(text))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        List<byte> bytes = [];
        for (int i = 0; i < text.Length; i++)
        {
            int end = i + (char.IsSurrogatePair(text, i) ? 2 : 1);
            bytes.AddRange(IsByte(text, i) ? [(byte)(text[i] - ByteBase)] : Encoding.UTF8.GetBytes(text[i..end]));
            i = end - 1;
        }

        return [.. bytes];
    }

    /// <summary>False when the text stands for bytes that are no UTF-8.</summary>
    public static bool IsUtf8(string text) =>
        !text.AsSpan().ContainsAnyInRange(FirstByte, LastByte) || !Enumerable.Range(0, text.Length).Any(i => IsByte(text, i));

    private static bool IsByte(string text, int i) => text[i] is >= FirstByte and <= LastByte && (i == 0 || !char.IsHighSurrogate(text[i - 1]));

    private static byte[] CommandLineBytes()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllBytes(CommandLineFile) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
