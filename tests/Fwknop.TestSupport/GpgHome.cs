namespace Fwknop.TestSupport;

/// <summary>A home directory of gpg with the keys of the test vectors, and a gpg-agent that ends with it.</summary>
public sealed class GpgHome : IDisposable
{
    public const string Server = "server@spa-test.invalid";
    public const string ServerFingerprint = "84B9BB7F8BCB28F7E33F24D3C2A0CC1FBC7379BD";
    public const string ServerSubkey = "83B5F84F91D347631A9A4F215002ABEAE69D73BC";
    public const string Client = "client@spa-test.invalid";
    public const string ClientFingerprint = "C20B8371F810BAD4983D2E6104321D2BB9771B68";

    // What gpg itself needs for a key is well below; RSA keys of 4096 bits take seconds.
    private static readonly TimeSpan KeyGeneration = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();

    /// <summary>An empty keyring; the agent remembers no passphrases.</summary>
    public GpgHome()
    {
        _folder.Write("gpg-agent.conf", "default-cache-ttl 0\nmax-cache-ttl 0\n");

        // Debian's client hands the passphrase over only when this is said here.
        _folder.Write("gpg.conf", "pinentry-mode loopback\n");
    }

    public string Path => _folder.Path;

    /// <summary>As the server of the vectors: its secret key, and the client's public key, which it vouches for.</summary>
    public static GpgHome OfServer() => Create("server-secret.asc", "client-public.asc");

    /// <summary>As the client: its secret key and the server's public key; and it can read what it signs for itself.</summary>
    public static GpgHome OfClient()
    {
        GpgHome home = new();
        home.Run("--import", VectorFiles.PathOf("gpg/client-secret.asc"), VectorFiles.PathOf("gpg/server-public.asc"));
        home.Trust(ClientFingerprint);
        return home;
    }

    /// <summary>Both secret keys: packets can be made and opened again.</summary>
    public static GpgHome OfBoth() => Create("server-secret.asc", "client-secret.asc");

    /// <summary>Makes a key.</summary>
    /// <returns>Its fingerprint.</returns>
    public string Generate(string name, string algorithm, string passphrase = "")
    {
        ProcessRun.RunChecked(Command("--passphrase", passphrase, "--quick-generate-key", name, algorithm, "default", "never"), KeyGeneration);
        return Fingerprint(name);
    }

    /// <summary>Makes a key that signs, with a subkey.</summary>
    public string Generate(string name, string algorithm, string subkey, string usage, string passphrase)
    {
        ProcessRun.RunChecked(Command("--passphrase", passphrase, "--quick-generate-key", name, algorithm, "sign", "never"), KeyGeneration);
        string fingerprint = Fingerprint(name);
        ProcessRun.RunChecked(Command("--passphrase", passphrase, "--quick-add-key", fingerprint, subkey, usage, "never"), KeyGeneration);
        return fingerprint;
    }

    /// <summary>Runs gpg on this home.</summary>
    public ProcessRun Run(params IReadOnlyList<string> arguments) => ProcessRun.RunChecked(Command(arguments));

    public void Dispose()
    {
        EndAgent();
        ProcessRun.Run("gpgconf", "--homedir", Path, "--remove-socketdir");
        _folder.Dispose();
    }

    /// <summary>The gpg-agent that works for this home, or null.</summary>
    public int? AgentId()
    {
        // Asking would start one.
        ProcessRun run = ProcessRun.Run("gpg-connect-agent", "--homedir", Path, "--no-autostart", "getinfo pid", "/bye");
        string line = run.Output.Split('\n').FirstOrDefault(line => line.StartsWith("D ", StringComparison.Ordinal)) ?? "";
        return int.TryParse(line.AsSpan(Math.Min(2, line.Length)), out int id) ? id : null;
    }

    /// <summary>Ends it, if there is one.</summary>
    public void EndAgent()
    {
        int? agent = AgentId();
        ProcessRun.Run("gpgconf", "--homedir", Path, "--kill", "all");
        if (agent is { } id)
        {
            Deadline.WaitUntil(() => !ProcessTable.Exists(id), TimeSpan.FromSeconds(10), $"the gpg-agent of {Path} ends");
        }
    }

    private static GpgHome Create(string server, string client)
    {
        GpgHome home = new();
        home.Run("--import", VectorFiles.PathOf("gpg/" + server), VectorFiles.PathOf("gpg/" + client));
        home.Trust(ServerFingerprint);
        home.Run("--quick-lsign-key", ClientFingerprint);
        return home;
    }

    private void Trust(string fingerprint)
    {
        ProcessCommand command = Command("--import-ownertrust");
        ProcessRun.RunChecked(command with { Input = fingerprint + ":6:\n" });
    }

    private string Fingerprint(string name) =>
        Run("--with-colons", "--list-keys", "--", name).Output.Split('\n').First(line => line.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];

    private ProcessCommand Command(params IReadOnlyList<string> arguments) =>
        new("gpg", ["--homedir", Path, "--batch", "--no-tty", "--quiet", "--yes", "--pinentry-mode", "loopback", .. arguments]);
}
