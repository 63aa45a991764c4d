namespace Fwknop.Client;

/// <summary>A setting of several parts: with the first part that another level says, what was said before is void (client.md 6.4).</summary>
internal abstract class LevelledSetting
{
    private Level _level;

    /// <summary>To be called before a part is set.</summary>
    protected void Enter(Level level)
    {
        if (level != _level)
        {
            _level = level;
            Clear();
        }
    }

    /// <summary>Forgets all parts.</summary>
    protected abstract void Clear();
}
