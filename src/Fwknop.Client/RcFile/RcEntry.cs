namespace Fwknop.Client;

/// <summary>One line that is to stand in an rc file. Owns its value, which may be a key.</summary>
internal sealed record RcEntry(string Keyword, SecretBytes Value) : IDisposable
{
    public void Dispose() => Value.Dispose();
}
