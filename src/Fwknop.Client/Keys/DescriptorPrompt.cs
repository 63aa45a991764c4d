using System.ComponentModel;
using Fwknop.Native.Terminal;

namespace Fwknop.Client;

/// <summary>
/// Takes keys from a descriptor, one per line, without asking (<c>--fd</c>, <c>--stdin</c>). The HMAC key is the second line when
/// both are needed (client.md 8.4, decision).
/// </summary>
internal sealed class DescriptorPrompt(int descriptor) : IKeyPrompt
{
    public PromptResult Ask(string text, SecretLine answer)
    {
        try
        {
            // What follows an early end (Ctrl-C, Ctrl-D) up to the newline belongs to this key, not to the next one.
            bool isOpen = true;
            while (DescriptorReader.ReadByte(descriptor) is var value and >= 0)
            {
                isOpen &= !isOpen || answer.Add((byte)value) == SecretLineState.Open;
                if (value == '\n')
                {
                    break;
                }
            }

            return PromptResult.Answered;
        }
        catch (Win32Exception)
        {
            return PromptResult.BadDescriptor;
        }
    }
}
