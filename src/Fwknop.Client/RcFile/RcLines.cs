namespace Fwknop.Client;

/// <summary>The lines of an rc file, each with its newline; only the last may have none.</summary>
internal ref struct RcLines(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly RcLines GetEnumerator() => this;

    public bool MoveNext()
    {
        int end = _rest.IndexOf((byte)'\n');
        Current = end < 0 ? _rest : _rest[..(end + 1)];
        _rest = _rest[Current.Length..];
        return !Current.IsEmpty;
    }
}
