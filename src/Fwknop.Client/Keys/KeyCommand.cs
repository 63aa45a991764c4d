using System.ComponentModel;
using System.Diagnostics;
using Fwknop.Configuration.Files;

namespace Fwknop.Client;

/// <summary>
/// A program that prints a key, such as a password manager: <c>KEY_CMD</c> and <c>HMAC_KEY_CMD</c>. It is run without a shell; single quotes hold
/// an argument with blanks together. It may ask at the terminal; what it says on its error output the user sees.
/// </summary>
/// <param name="keyword">The keyword of raw keys of this kind, <c>KEY</c> or <c>HMAC_KEY</c>.</param>
/// <param name="command">The command line.</param>
/// <param name="sharesInput">It may read our standard input; otherwise that belongs to somebody else, and its own is empty.</param>
internal sealed class KeyCommand(string keyword, string command, bool sharesInput)
{
    /// <summary>Runs the program.</summary>
    /// <param name="path">The value of PATH.</param>
    /// <param name="problem">What to print when there is no key.</param>
    /// <returns>What the program printed; null when it failed. The caller disposes of it.</returns>
    public SecretBuffer? Run(string? path, out string problem)
    {
        problem = string.Empty;
        List<string> words = ShellWords.Split(command);
        if (words.Count == 0 || ProgramSearch.Find(words[0], path) is not { } program)
        {
            problem = $"{keyword}_CMD: there is no program '{words.FirstOrDefault()}'.";
            return null;
        }

        using Process process = new()
        {
            StartInfo = new(program, words.Skip(1))
            {
                UseShellExecute = false,
                RedirectStandardInput = !sharesInput,
                RedirectStandardOutput = true,
            },
        };
        SecretBuffer? output = null;
        try
        {
            process.Start();
            if (!sharesInput)
            {
                process.StandardInput.Close();
            }

            output = SecretFile.ReadAll(process.StandardOutput.BaseStream);
            process.WaitForExit();
        }
        catch (Exception e) when (e is Win32Exception || FileError.IsFileError(e))
        {
            problem = $"{keyword}_CMD: '{program}' cannot be run: {e.Message}";
        }

        if (output is not null && process.ExitCode != 0)
        {
            problem = $"{keyword}_CMD: '{program}' failed with exit status {process.ExitCode}.";
        }

        if (problem.Length == 0)
        {
            return output;
        }

        output?.Dispose();
        return null;
    }

    /// <summary>
    /// The key in the output: a line <c>KEY_BASE64: ...</c> or <c>KEY: ...</c> (<c>HMAC_</c> in front for the other key), as <c>--key-gen</c>
    /// prints them; else the first line as it is.
    /// </summary>
    public ReadOnlySpan<byte> Find(SecretBuffer output, out bool isBase64)
    {
        ReadOnlySpan<byte> first = default;
        foreach (ReadOnlySpan<byte> line in new RcLines(output.Span))
        {
            first = first.IsEmpty ? line.TrimEnd("\r\n"u8) : first;
            RcLine parsed = RcLine.Parse(line);
            isBase64 = parsed.Name == $"{keyword}_BASE64";
            if (parsed.Kind == RcLineKind.Parameter && (isBase64 || (parsed.Name == keyword && line.Contains((byte)':'))))
            {
                return parsed.Value;
            }
        }

        isBase64 = false;
        return first;
    }
}
