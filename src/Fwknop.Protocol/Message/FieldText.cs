using System.Text;

namespace Fwknop.Protocol;

/// <summary>
/// The text of one field: a byte string, for the format knows no character set (protocol.md, introduction). Converts from
/// <see cref="string"/> as UTF-8; equality is that of the bytes. The zero value is the empty text.
/// </summary>
public readonly struct FieldText : IEquatable<FieldText>
{
    private readonly byte[]? _bytes;

    /// <summary>Copies the bytes.</summary>
    public FieldText(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Length in bytes.</summary>
    public int Length => Span.Length;

    /// <summary>The UTF-8 bytes of <paramref name="text"/>.</summary>
    public static implicit operator FieldText(string text) => FromString(text);

    /// <summary>The UTF-8 bytes of <paramref name="text"/>.</summary>
    public static FieldText FromString(string text) => new(Encoding.UTF8.GetBytes(text));

    public static bool operator ==(FieldText left, FieldText right) => left.Equals(right);

    public static bool operator !=(FieldText left, FieldText right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(FieldText other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldText other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The bytes read as UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
