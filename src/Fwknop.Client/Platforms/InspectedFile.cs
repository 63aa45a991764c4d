namespace Fwknop.Client;

/// <summary>
/// A file of the user that was opened to be read, or could not be. What is said of it holds for what is read: it was asked of the open
/// file, where the system can tell.
/// </summary>
internal sealed class InspectedFile : IDisposable
{
    private readonly Exception? _failure;
    private Stream? _content;
    private IDisposable? _file;

    private InspectedFile(string path, FileInspection inspection, string? openToOthers, Exception? failure)
    {
        Path = path;
        Inspection = inspection;
        OpenToOthers = openToOthers;
        _failure = failure;
    }

    public string Path { get; }

    public FileInspection Inspection { get; }

    /// <summary>
    /// The file, or the folder if that was to be looked at too, that somebody other than this user and the administrator can change, as far
    /// as it can be told; else null.
    /// </summary>
    public string? OpenToOthers { get; }

    /// <summary>One that is open.</summary>
    /// <param name="path">What was opened.</param>
    /// <param name="inspection">What is wrong with it.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="owner">What the content ends with.</param>
    /// <param name="openToOthers">See <see cref="OpenToOthers"/>.</param>
    public static InspectedFile Of(string path, FileInspection inspection, Stream content, IDisposable owner, string? openToOthers) =>
        new(path, inspection, openToOthers, null) { _content = content, _file = owner };

    /// <summary>One that cannot be read.</summary>
    /// <param name="path">What was to be opened.</param>
    /// <param name="inspection">What can be told all the same.</param>
    /// <param name="failure">What reading it throws.</param>
    /// <param name="openToOthers">See <see cref="OpenToOthers"/>.</param>
    public static InspectedFile Failed(string path, FileInspection inspection, Exception failure, string? openToOthers = null) =>
        new(path, inspection, openToOthers, failure);

    /// <summary>Reads it to its end; to be called once. The caller disposes of the content.</summary>
    /// <exception cref="IOException">
    /// The file could not be opened or cannot be read, is larger than 4 MiB, or is a named pipe, which might never end. Pipes that are
    /// descriptors of this process (<c>&lt;(command)</c> of a shell) are read.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public SecretBuffer ReadAll() => _content is { } content ? SecretFile.ReadAll(content) : throw _failure!;

    public void Dispose() => _file?.Dispose();
}
