namespace Fwknop.Client;

/// <summary>Draws a QR code as SVG: a white square, and one path with a rectangle for each run of dark modules in a row.</summary>
internal static class QrSvg
{
    public static void Draw(QrCode code, SecretBuffer target)
    {
        int width = QrCode.PixelsPerModule * code.Size;
        target.Append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""u8).Append(width)
            .Append("\" height=\""u8).Append(width)
            .Append("\" viewBox=\"0 0 "u8).Append(code.Size).Append(" "u8).Append(code.Size)
            .Append("\" shape-rendering=\"crispEdges\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\""u8);
        for (int row = 0; row < code.Size; row++)
        {
            for (int column = 0; column < code.Size; column++)
            {
                int start = column;
                while (code.IsDark(column, row))
                {
                    column++;
                }

                if (column > start)
                {
                    target.Append("M"u8).Append(start).Append(" "u8).Append(row).Append("h"u8).Append(column - start)
                        .Append("v1h-"u8).Append(column - start).Append("z"u8);
                }
            }
        }

        target.Append("\"/>\n</svg>\n"u8);
    }
}
