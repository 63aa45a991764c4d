using System.Text;
using System.Text.Json;
using Fwknop.TestSupport;

namespace Fwknop.Protocol.Tests;

/// <summary>The vector files as rows: id and description to show, the row itself.</summary>
internal static class Vectors
{
    private static readonly Dictionary<string, Dictionary<string, JsonElement>> Files = [];

    public static TheoryData<string, string> Rows(string file)
    {
        TheoryData<string, string> rows = [];
        foreach ((string id, JsonElement row) in Load(file))
        {
            rows.Add(id, Describe(row));
        }

        return rows;
    }

    public static JsonElement Row(string file, string id) => Load(file)[id];

    /// <summary>Bytes of <c>name</c> (UTF-8 text) or, where it is null, of <c>name_b64</c>; null when neither is there.</summary>
    public static byte[]? Bytes(this JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(text.GetString()!)
        : row.TryGetProperty(name + "_b64", out JsonElement base64) && base64.ValueKind == JsonValueKind.String ? base64.GetBytesFromBase64()
        : null;

    public static FieldText? Field(this JsonElement row, string name) => row.Bytes(name) is { } bytes ? new FieldText(bytes) : default(FieldText?);

    public static int Int(this JsonElement row, string name) => row.GetProperty(name).GetInt32();

    public static string? Text(this JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    /// <summary>Compares a message with the fields that a row expects.</summary>
    public static void AssertFields(JsonElement expected, SpaMessage actual)
    {
        Assert.Equal(expected.Field("rand_val"), actual.RandomValue);
        Assert.Equal(expected.Field("username"), actual.Username);
        Assert.Equal(expected.GetProperty("timestamp").GetInt64(), actual.Timestamp);
        Assert.Equal(expected.Field("version"), actual.Version);
        Assert.Equal(expected.Int("message_type"), (int)actual.Type);
        Assert.Equal(expected.Field("message"), actual.Message);
        Assert.Equal(expected.Field("nat_access"), actual.NatAccess);
        Assert.Equal(expected.Field("server_auth"), actual.ServerAuth);
        Assert.Equal(expected.Int("client_timeout"), actual.ClientTimeout);
    }

    private static string Describe(JsonElement row) => row.Text("description") ?? row.Text("note") ?? row.Text("function") ?? "";

    private static Dictionary<string, JsonElement> Load(string file)
    {
        lock (Files)
        {
            if (!Files.TryGetValue(file, out Dictionary<string, JsonElement>? rows))
            {
                using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(VectorFiles.PathOf(file)));
                rows = document.RootElement.GetProperty("vectors").EnumerateArray()
                    .ToDictionary(row => row.GetProperty("id").GetString()!, row => row.Clone());
                Files.Add(file, rows);
            }

            return rows;
        }
    }
}
