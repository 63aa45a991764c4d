using System.Security.Cryptography;

namespace Fwknop.Native.FileSystem;

/// <summary>
/// A private file that is complete under another name before it takes its own: what can fail, such as a missing folder or a full disk,
/// fails while nothing has changed yet. What was not put in place is gone with <see cref="Dispose"/>.
/// </summary>
public sealed class StagedFile : IDisposable
{
    private readonly string _target;
    private readonly FileStream? _device;
    private readonly byte[] _forDevice = [];
    private string? _temporary;

    private StagedFile(string target, ReadOnlySpan<byte> content)
    {
        _target = target;
        if (Path.Exists(target) && !PrivateFile.IsRegular(target))
        {
            _device = PrivateFile.Replace(target);
            _forDevice = GC.AllocateUninitializedArray<byte>(content.Length, pinned: true);
            content.CopyTo(_forDevice);
        }
        else
        {
            _temporary = $"{target}.fwknop-{Path.GetRandomFileName()}.tmp";
        }
    }

    /// <summary>
    /// Writes the content to a file beside the one that it is to become. A symbolic link stays and what it leads to is replaced. A device or
    /// pipe is opened, but not written to before <see cref="PutInPlace"/>.
    /// </summary>
    /// <inheritdoc cref="PrivateFile.Replace"/>
    public static StagedFile Create(string path, ReadOnlySpan<byte> content)
    {
        PrivateFile.CheckLink(path);
        FileInfo file = new(path);
        string? target = file.LinkTarget is null ? null : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        StagedFile staged = new(target ?? path, content);
        try
        {
            staged.Write(content);
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Gives the file its name; to be called once.</summary>
    /// <exception cref="IOException">It cannot be put in place, or the device does not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void PutInPlace()
    {
        _device?.Write(_forDevice);
        if (_temporary is not null)
        {
            File.Move(_temporary, _target, overwrite: true);
            _temporary = null;
        }
    }

    /// <summary>Removes what was not put in place.</summary>
    public void Dispose()
    {
        _device?.Dispose();
        CryptographicOperations.ZeroMemory(_forDevice);
        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    private void Write(ReadOnlySpan<byte> content)
    {
        if (_temporary is not null)
        {
            using FileStream file = PrivateFile.CreateNew(_temporary);
            file.Write(content);
        }
    }
}
