namespace Fwknop.Client;

/// <summary>One line that is to stand in an rc file. Owns its value, which may be a key.</summary>
/// <param name="Keyword">What is set.</param>
/// <param name="Number">The keyword's number in messages.</param>
/// <param name="Value">As it is to be read.</param>
internal sealed record RcEntry(string Keyword, int Number, SecretBytes Value) : IDisposable
{
    public void Dispose() => Value.Dispose();
}
