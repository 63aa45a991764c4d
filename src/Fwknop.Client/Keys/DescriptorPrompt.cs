using Fwknop.Configuration.Files;

namespace Fwknop.Client;

/// <summary>
/// Takes keys from a descriptor, one per line, without asking (<c>--fd</c>, <c>--stdin</c>). The HMAC key is the second line when
/// both are needed (client.md 8.4, decision).
/// </summary>
/// <param name="open">Opens it; nothing after the lines asked for may be read.</param>
/// <param name="hasCarriageReturns">Lines end with CR LF.</param>
internal sealed class DescriptorPrompt(Func<Stream> open, bool hasCarriageReturns) : IKeyPrompt
{
    // Our choice: far more than any key, little enough for /dev/zero.
    private const int MaxLine = 64 * 1024;

    private Stream? _source;

    public PromptResult Ask(string text, SecretLine answer)
    {
        try
        {
            _source ??= open();
            ReadLine(_source, answer);
            return PromptResult.Answered;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return PromptResult.BadDescriptor;
        }
    }

    // What follows an early end (Ctrl-C, Ctrl-D) up to the newline belongs to this key, not to the next one.
    private void ReadLine(Stream source, SecretLine answer)
    {
        Span<byte> next = stackalloc byte[1];
        bool isOpen = true;
        bool isOver = false;
        for (int length = 0; !isOver && source.Read(next) > 0; length++)
        {
            if (length == MaxLine)
            {
                throw new IOException("Line too long");
            }

            isOver = next[0] == '\n';
            bool isDropped = hasCarriageReturns && next[0] == '\r';
            isOpen &= !isOpen || isDropped || answer.Add(next[0]) == SecretLineState.Open;
        }

        next.Clear();
    }
}
