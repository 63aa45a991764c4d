using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>
/// Takes keys from a descriptor, one per line, without asking (<c>--fd</c>, <c>--stdin</c>). The HMAC key is the second line when
/// both are needed (client.md 8.4, decision).
/// </summary>
internal sealed class DescriptorPrompt(int descriptor) : IKeyPrompt
{
    private const int LastStandard = 2;

    public PromptResult Ask(string text, SecretLine answer)
    {
        using Descriptor source = descriptor <= LastStandard ? Descriptor.BorrowStandard(descriptor) : Descriptor.Borrow(descriptor);

        // What follows an early end (Ctrl-C, Ctrl-D) up to the newline belongs to this key, not to the next one.
        bool isOpen = true;
        while (source.TryReadByte(out int value, out _))
        {
            if (value < 0)
            {
                return PromptResult.Answered;
            }

            isOpen &= !isOpen || answer.Add((byte)value) == SecretLineState.Open;
            if (value == '\n')
            {
                return PromptResult.Answered;
            }
        }

        return PromptResult.BadDescriptor;
    }
}
