namespace Fwknop.Client;

/// <summary>
/// Whether there is an HMAC. <c>USE_HMAC N</c> undoes a lower level, but not an HMAC key of its own level (client.md 6.4, 6.5).
/// </summary>
internal sealed class HmacSwitch : LevelledSetting
{
    private bool _stated;
    private bool _implied;

    public bool IsOn => _stated || _implied;

    /// <summary>By <c>USE_HMAC</c> or <c>--use-hmac</c>.</summary>
    public void State(Level level, bool on)
    {
        Enter(level);
        _stated = on;
    }

    /// <summary>By a setting that makes sense only with an HMAC (client.md 4.3).</summary>
    public void Imply(Level level)
    {
        Enter(level);
        _implied = true;
    }

    protected override void Clear()
    {
        _stated = false;
        _implied = false;
    }
}
