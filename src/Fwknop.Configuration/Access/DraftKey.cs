using System.Security.Cryptography;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>A key as its line gave it, before its length can be judged (that needs ENCRYPTION_MODE, which may come later).</summary>
internal sealed class DraftKey : IDisposable
{
    private readonly byte[] _bytes;
    private int _length;

    private DraftKey(string keyword, Place place, int capacity)
    {
        Keyword = keyword;
        Place = place;
        _bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    }

    public string Keyword { get; }

    public Place Place { get; }

    public bool IsBase64 { get; private init; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public static DraftKey FromText(string keyword, Place place, ReadOnlySpan<byte> text)
    {
        DraftKey key = new(keyword, place, text.Length) { _length = text.Length };
        text.CopyTo(key._bytes);
        return key;
    }

    /// <summary>Decodes base64 as leniently as the reference does (server.md 4.2); null when the text is not base64.</summary>
    public static DraftKey? FromBase64(string keyword, Place place, ReadOnlySpan<byte> text)
    {
        if (!Protocol.SpaBase64.LooksLikeBase64(text))
        {
            return null;
        }

        DraftKey key = new(keyword, place, text.Length) { IsBase64 = true };
        Protocol.SpaBase64.TryDecodeLenient(text, key._bytes, out key._length);
        return key;
    }

    /// <summary>Decodes base32 (RFC 4648, section 6) in either case, with blanks and hyphens between letters; null when the text is not base32.</summary>
    public static DraftKey? FromBase32(string keyword, Place place, ReadOnlySpan<byte> text)
    {
        DraftKey key = new(keyword, place, text.Length);
        if (Base32.TryDecode(text.TrimEnd((byte)'='), key._bytes, out key._length))
        {
            return key;
        }

        key.Dispose();
        return null;
    }

    /// <summary>Drops what exceeds the length.</summary>
    public void Truncate(int length) => _length = Math.Min(_length, length);

    public bool HasSameBytesAs(DraftKey other) => CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
