using System.Security.Cryptography;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>
/// Where one key may come from, by level. The highest level that names any source is the one used; inside it raw beats
/// base64 beats file beats command (client.md 8.1, decision). What lower levels said is kept for the one exception: a key file of the
/// command line that cannot be opened.
/// </summary>
internal sealed class KeySources : IDisposable
{
    private KeySources()
    {
    }

    public Level Level { get; private init; }

    public SecretBytes? Raw { get; private set; }

    public SecretBytes? Base64 { get; private set; }

    public string? File { get; private set; }

    /// <summary>The command line of a program that prints the key.</summary>
    public string? Command { get; private set; }

    /// <summary>The next lower level that named a source.</summary>
    public KeySources? Lower { get; private init; }

    public static KeySources WithRaw(KeySources? current, Level level, ReadOnlySpan<byte> key)
    {
        KeySources sources = At(current, level);
        sources.Raw?.Dispose();
        sources.Raw = SecretBytes.CopyOf(key);
        return sources;
    }

    public static KeySources WithBase64(KeySources? current, Level level, ReadOnlySpan<byte> key)
    {
        KeySources sources = At(current, level);
        sources.Base64?.Dispose();
        sources.Base64 = SecretBytes.CopyOf(key);
        return sources;
    }

    /// <summary>A new key as the only source, in base64.</summary>
    public static KeySources WithNewKey(SpaKey key)
    {
        Span<byte> text = stackalloc byte[Limits.KeyBase64Text];
        try
        {
            return WithBase64(null, Level.CommandLine, text[..key.WriteBase64(text)]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    public static KeySources WithFile(KeySources? current, Level level, string path)
    {
        KeySources sources = At(current, level);
        sources.File = path;
        return sources;
    }

    public static KeySources WithCommand(KeySources? current, Level level, string command)
    {
        KeySources sources = At(current, level);
        sources.Command = command;
        return sources;
    }

    /// <summary>The key files of all levels.</summary>
    public static IEnumerable<string> FilesOf(KeySources? sources)
    {
        for (KeySources? at = sources; at is not null; at = at.Lower)
        {
            if (at.File is { } path)
            {
                yield return path;
            }
        }
    }

    public void Dispose()
    {
        Raw?.Dispose();
        Base64?.Dispose();
        Lower?.Dispose();
    }

    private static KeySources At(KeySources? current, Level level) =>
        current is not null && current.Level == level ? current : new KeySources { Level = level, Lower = current };
}
