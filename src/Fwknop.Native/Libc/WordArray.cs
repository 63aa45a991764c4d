using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>Words as a program gets them, <c>char *const argv[]</c>: pointers to zero-terminated texts, the last of them null.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class WordArray : IDisposable
{
    private readonly GCHandle[] _pins;

    /// <exception cref="ArgumentException">A word holds a zero byte.</exception>
    public WordArray(IReadOnlyList<string> words)
    {
        byte[][] texts = [.. words.Select(Descriptor.ToCString)];
        byte*[] pointers = new byte*[texts.Length + 1];
        _pins = [.. texts.Select(text => GCHandle.Alloc(text, GCHandleType.Pinned)), GCHandle.Alloc(pointers, GCHandleType.Pinned)];
        for (int i = 0; i < texts.Length; i++)
        {
            pointers[i] = (byte*)_pins[i].AddrOfPinnedObject();
        }
    }

    /// <summary>Valid until the object is disposed of.</summary>
    public byte** Start => (byte**)_pins[^1].AddrOfPinnedObject();

    public void Dispose() => Array.ForEach(_pins, pin => pin.Free());
}
