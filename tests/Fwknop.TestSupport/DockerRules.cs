namespace Fwknop.TestSupport;

/// <summary>
/// The rules that a real Docker has made for two containers with published ports (<c>Docker/README.md</c>), on a <see cref="GatewayNetwork"/> whose hosts
/// inside stand for the containers. Everybody outside may use what is published, as Docker has it.
/// </summary>
public static class DockerRules
{
    /// <summary>A port of the gateway that leads to <see cref="Service"/> of <see cref="GatewayNetwork.Inner"/>.</summary>
    public const int Published = 8080;

    /// <summary>What is behind it.</summary>
    public const int Service = 80;

    /// <summary>A port of the gateway that leads to <see cref="OtherService"/> of the same container.</summary>
    public const int OtherPublished = 8079;

    /// <summary>What is behind it.</summary>
    public const int OtherService = 2222;

    /// <summary>A port of the gateway that leads to <see cref="Service"/> of <see cref="GatewayNetwork.OtherInner"/>.</summary>
    public const int OfOtherContainer = 8022;

    /// <summary>Loads them in place of what the tables hold.</summary>
    public static void Load(NetworkNamespace gateway)
    {
        foreach (string program in new[] { "iptables", "ip6tables" })
        {
            gateway.RunChecked($"{program}-restore", Path.Combine(RepositoryRoot.Path, "tests", "Fwknop.TestSupport", "Docker", $"{program}.rules"));
        }
    }

    /// <summary>
    /// What an administrator does who shuts published ports for those outside: in the chain that Docker leaves to him, which it does not have for IPv6.
    /// </summary>
    public static void ShutFromOutside(NetworkNamespace gateway)
    {
        string[] rule = ["-i", TestNetwork.Interface, "-m", "conntrack", "--ctstate", "NEW", "-j", "DROP"];
        gateway.RunChecked("iptables", ["-I", "DOCKER-USER", .. rule]);
        gateway.RunChecked("ip6tables", ["-I", "FORWARD", .. rule]);
    }
}
