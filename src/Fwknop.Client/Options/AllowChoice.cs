namespace Fwknop.Client;

/// <summary>
/// The address to put in the packet. A higher level replaces what a lower one said; inside one level a literal address
/// beats resolving (client.md 5, decision).
/// </summary>
internal sealed class AllowChoice : LevelledSetting
{
    private bool _isLocal;
    private bool _resolve;
    private bool _resolveIPv6;

    /// <summary>The address as it was written, brackets and all; checked later, in the order of client.md 5.</summary>
    public string? Literal { get; private set; }

    /// <summary>True when the address is to be asked from outside.</summary>
    public bool IsResolve => Literal is null && !_isLocal && _resolve;

    /// <summary>True when that shall be our IPv6 address, otherwise it is the IPv4 one.</summary>
    public bool IsResolveIPv6 => IsResolve && _resolveIPv6;

    /// <summary>True when it is to be the address that the route to the server uses.</summary>
    public bool IsLocal => Literal is null && _isLocal;

    public void SetLiteral(Level level, string text)
    {
        Enter(level);
        Literal = text;
        _isLocal = false;
    }

    public void SetResolve(Level level, bool resolve)
    {
        Enter(level);
        _resolve = resolve;
    }

    /// <summary>The word <c>resolve</c> in the place of an address: an earlier one of its level no longer counts.</summary>
    public void ReplaceByResolve(Level level, bool isIPv6)
    {
        Enter(level);
        Literal = null;
        _isLocal = false;
        _resolve = true;
        _resolveIPv6 = isIPv6;
    }

    /// <summary>The word <c>local</c> in the place of an address.</summary>
    public void ReplaceByLocal(Level level)
    {
        Enter(level);
        Literal = null;
        _isLocal = true;
    }

    protected override void Clear()
    {
        Literal = null;
        _isLocal = false;
        _resolve = false;
        _resolveIPv6 = false;
    }
}
