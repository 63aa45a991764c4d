namespace Fwknop.Client;

/// <summary>
/// What the user reads (client.md 2): errors and warnings on standard error; the rest on standard output, by verbosity. Each message
/// is followed by one newline and is out before the next one is made, so that both streams keep their order.
/// </summary>
internal sealed class Messages(Stream output, Stream error)
{
    /// <summary>The name of the program in its messages.</summary>
    public const string Program = "fwknop";

    private Stream _output = output;

    /// <summary>Count of <c>-v</c>.</summary>
    public int Verbosity { get; set; }

    /// <summary>From now on everything goes to standard error: standard output belongs to somebody else.</summary>
    public void LeaveOutput() => _output = error;

    public void Error(string text) => Write(error, text);

    public void Warning(string text) => Write(error, text);

    /// <summary>Always shown.</summary>
    public void Normal(string text) => Write(_output, text);

    /// <summary>Shown with <c>-v</c>.</summary>
    public void Info(string text)
    {
        if (Verbosity >= 1)
        {
            Write(_output, text);
        }
    }

    /// <summary>Shown with <c>-vv</c>.</summary>
    public void Debug(string text)
    {
        if (Verbosity >= 2)
        {
            Write(_output, text);
        }
    }

    /// <summary>Bytes as they are, for keys that must not become strings.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => Write(_output, bytes);

    private static void Write(Stream stream, string text) => Write(stream, ArgumentText.Encode(text + '\n'));

    private static void Write(Stream stream, ReadOnlySpan<byte> bytes)
    {
        try
        {
            stream.Write(bytes);
            stream.Flush();
        }
        catch (IOException e)
        {
            throw new OutputException("The output cannot be written.", e);
        }
    }
}
