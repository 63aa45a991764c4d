using System.Text;

namespace Fwknop.Client;

/// <summary>What <c>--save-rc-stanza</c> writes for a keyword (client.md 6.5); <c>Y</c> when there is neither text nor key.</summary>
/// <param name="Place">In the order of writing; ours come after the reference's.</param>
/// <param name="Text">The value, or null when there is nothing to write.</param>
/// <param name="Key">The same for a key.</param>
internal sealed record SavedValue(int Place, Func<Settings, string?>? Text = null, Func<Settings, SecretBytes?>? Key = null)
{
    /// <summary>The keyword's number in the reference's messages, which does not always follow the order of writing.</summary>
    public int Number { get; init; } = Place;

    /// <returns>A copy that the caller disposes of, or null when there is nothing to write.</returns>
    public SecretBytes? Of(Settings settings)
    {
        if (Key is not null)
        {
            return Key(settings) is { } key ? SecretBytes.CopyOf(key.Span) : null;
        }

        return (Text is null ? "Y" : Text(settings)) is { } text ? SecretBytes.CopyOf(Encoding.UTF8.GetBytes(text)) : null;
    }
}
