namespace Fwknop.Client;

/// <summary>
/// Draws a QR code with half blocks, two modules a character. On a terminal black and white are asked for (colours 16 and 231, which no
/// theme changes), so that the code is dark on light whatever the colours of the terminal are. Without colours the light modules are
/// drawn and the dark ones left out, as <c>qrencode -t UTF8</c> does: right on a dark background.
/// </summary>
internal static class QrTerminal
{
    private static ReadOnlySpan<byte> BlackOnWhite => "\e[38;5;16;48;5;231m"u8;

    private static ReadOnlySpan<byte> Reset => "\e[0m"u8;

    public static void Draw(QrCode code, bool withColours, SecretBuffer target)
    {
        for (int row = 0; row < code.Size; row += 2)
        {
            target.Append(withColours ? BlackOnWhite : []);
            for (int column = 0; column < code.Size; column++)
            {
                bool upper = code.IsDark(column, row) == withColours;
                bool lower = code.IsDark(column, row + 1) == withColours;
                target.Append(upper && lower ? "█"u8 : upper ? "▀"u8 : lower ? "▄"u8 : " "u8);
            }

            target.Append(withColours ? Reset : []).Append("\n"u8);
        }
    }
}
