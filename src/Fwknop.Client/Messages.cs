namespace Fwknop.Client;

/// <summary>
/// What the user reads (client.md 2): errors and warnings on standard error; the rest on standard output, by verbosity. Each message
/// is followed by one newline and is out before the next one is made, so that both streams keep their order. A message that nobody takes (a
/// closed pipe, a full disk) is lost and stops no knock; a result that nobody takes is an error.
/// </summary>
internal sealed class Messages(Stream output, Stream error)
{
    /// <summary>The name of the program in its messages.</summary>
    public const string Program = "fwknop";

    /// <summary>How it begins a message of its own.</summary>
    public const string Prefix = $"{Program}: ";

    private Stream _output = output;

    /// <summary>Count of <c>-v</c>.</summary>
    public int Verbosity { get; set; }

    /// <summary>From now on everything goes to standard error: standard output belongs to somebody else.</summary>
    public void MoveAllToError() => _output = error;

    public void Error(string text) => Tell(error, text);

    public void Warning(string text) => Tell(error, text);

    /// <summary>Always shown.</summary>
    public void Normal(string text) => Tell(_output, text);

    /// <summary>What the user asked for, always shown.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Result(string text) => Write(_output, Encode(text));

    /// <summary>Shown with <c>-v</c>.</summary>
    public void Info(string text)
    {
        if (Verbosity >= 1)
        {
            Tell(_output, text);
        }
    }

    /// <summary>Shown with <c>-vv</c>.</summary>
    public void Debug(string text)
    {
        if (Verbosity >= 2)
        {
            Tell(_output, text);
        }
    }

    /// <summary>A result as bytes, for keys that must not become strings.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Raw(ReadOnlySpan<byte> bytes) => Write(_output, bytes);

    private static byte[] Encode(string text) => ArgumentText.Encode(text + '\n');

    private static void Tell(Stream stream, string text)
    {
        try
        {
            Write(stream, Encode(text));
        }
        catch (OutputException)
        {
            // Lost.
        }
    }

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
