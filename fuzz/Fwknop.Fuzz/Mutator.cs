using System.Buffers.Binary;

namespace Fwknop.Fuzz;

/// <summary>Makes inputs from a corpus: small changes to valid ones get deeper into a parser than noise does.</summary>
internal sealed class Mutator
{
    private const int MostChanges = 6;
    private const int LongestInput = 4096;

    private static readonly byte[] EdgeBytes = [0, 1, 2, 4, 0x0F, 0x10, 0x40, 0x45, 0x46, 0x60, 0x7F, 0x80, 0xF0, 0xFE, 0xFF];
    private static readonly ushort[] EdgeWords = [0, 1, 7, 8, 19, 20, 21, 39, 40, 0x7FFF, 0x8000, 0x8100, 0x88A8, 0x0800, 0x86DD, 0xFFFE, 0xFFFF];

    private readonly Random _random;
    private readonly IReadOnlyList<byte[]> _corpus;
    private readonly Func<List<byte>, List<byte>>[] _changes;

    public Mutator(int seed, IReadOnlyList<byte[]> corpus)
    {
        ArgumentOutOfRangeException.ThrowIfZero(corpus.Count);
        _random = new Random(seed);
        _corpus = corpus;
        _changes = [FlipBit, SetByte, SetWord, AddToWord, Remove, Insert, Repeat, Truncate, Splice];
    }

    /// <summary>Now and then an input of the corpus as it is, so that the way that succeeds is walked too.</summary>
    public byte[] Next()
    {
        var input = new List<byte>(Pick());
        for (var left = _random.Next(MostChanges + 1); left > 0; left--)
        {
            input = input.Count == 0 ? Insert(input) : _changes[_random.Next(_changes.Length)](input);
        }

        return [.. input.Take(LongestInput)];
    }

    private byte[] Pick() => _corpus[_random.Next(_corpus.Count)];

    private List<byte> FlipBit(List<byte> input)
    {
        input[_random.Next(input.Count)] ^= (byte)(1 << _random.Next(8));
        return input;
    }

    private List<byte> SetByte(List<byte> input)
    {
        input[_random.Next(input.Count)] = _random.Next(2) == 0 ? EdgeBytes[_random.Next(EdgeBytes.Length)] : (byte)_random.Next(256);
        return input;
    }

    private List<byte> SetWord(List<byte> input) => ChangeWord(input, _ => EdgeWords[_random.Next(EdgeWords.Length)]);

    private List<byte> AddToWord(List<byte> input) => ChangeWord(input, word => (ushort)(word + _random.Next(-8, 9)));

    private List<byte> ChangeWord(List<byte> input, Func<ushort, ushort> change)
    {
        if (input.Count < 2)
        {
            return input;
        }

        var offset = _random.Next(input.Count - 1);
        Span<byte> word = [input[offset], input[offset + 1]];
        BinaryPrimitives.WriteUInt16BigEndian(word, change(BinaryPrimitives.ReadUInt16BigEndian(word)));
        input[offset] = word[0];
        input[offset + 1] = word[1];
        return input;
    }

    private List<byte> Remove(List<byte> input)
    {
        var offset = _random.Next(input.Count);
        input.RemoveRange(offset, _random.Next(Math.Min(16, input.Count - offset) + 1));
        return input;
    }

    private List<byte> Insert(List<byte> input)
    {
        var bytes = new byte[_random.Next(1, 17)];
        _random.NextBytes(bytes);
        input.InsertRange(_random.Next(input.Count + 1), bytes);
        return input;
    }

    private List<byte> Repeat(List<byte> input)
    {
        var offset = _random.Next(input.Count);
        input.InsertRange(offset, input.GetRange(offset, _random.Next(Math.Min(64, input.Count - offset) + 1)));
        return input;
    }

    private List<byte> Truncate(List<byte> input) => input.GetRange(0, _random.Next(input.Count));

    private List<byte> Splice(List<byte> input)
    {
        var other = Pick();
        return [.. input.Take(_random.Next(input.Count + 1)), .. other.Skip(_random.Next(other.Length + 1))];
    }
}
