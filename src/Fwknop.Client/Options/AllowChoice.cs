namespace Fwknop.Client;

/// <summary>
/// The address to put in the packet. A higher level replaces what a lower one said; inside one level a literal address
/// beats resolving (client.md 5, decision).
/// </summary>
internal sealed class AllowChoice
{
    private Level _level;
    private bool _resolve;

    /// <summary>The address as it was written, brackets and all; checked later, in the order of client.md 5.</summary>
    public string? Literal { get; private set; }

    /// <summary>True when the address is to be asked from outside.</summary>
    public bool IsResolve => Literal is null && _resolve;

    public void SetLiteral(Level level, string text)
    {
        Enter(level);
        Literal = text;
    }

    public void SetResolve(Level level, bool resolve)
    {
        Enter(level);
        _resolve = resolve;
    }

    private void Enter(Level level)
    {
        if (level == _level)
        {
            return;
        }

        _level = level;
        Literal = null;
        _resolve = false;
    }
}
