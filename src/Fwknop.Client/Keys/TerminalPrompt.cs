using System.Runtime.Versioning;
using System.Text;
using Fwknop.Native.Terminal;

namespace Fwknop.Client;

/// <summary>Asks at the controlling terminal with echo off (client.md 8.4).</summary>
[SupportedOSPlatform("linux")]
internal sealed class TerminalPrompt : IKeyPrompt
{
    public PromptResult Ask(string text, SecretLine answer)
    {
        using ControllingTerminal? terminal = ControllingTerminal.TryOpenHidden();
        if (terminal is null || !terminal.Write(Encoding.UTF8.GetBytes(text)))
        {
            return PromptResult.NoTerminal;
        }

        SecretLineState state = SecretLineState.Open;
        while (state == SecretLineState.Open && terminal.ReadByte() is var typed and >= 0)
        {
            state = answer.Add((byte)typed);
        }

        terminal.Write("\n"u8);
        return state == SecretLineState.Interrupted ? PromptResult.Interrupted : PromptResult.Answered;
    }
}
