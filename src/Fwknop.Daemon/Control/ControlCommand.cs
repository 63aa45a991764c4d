using System.Text.Json;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Control;

/// <summary>--list-grants, --revoke, and what --status says beyond the reference's line.</summary>
/// <param name="pidFile">FWKNOP_PID_FILE.</param>
/// <param name="options">The command line.</param>
/// <param name="output">Standard output.</param>
/// <param name="errors">Standard error.</param>
internal sealed class ControlCommand(string pidFile, ServerOptions options, TextWriter output, TextWriter errors)
{
    private readonly RunningInstance _running = new(pidFile, output, errors);

    /// <summary>--list-grants.</summary>
    /// <returns>The exit status.</returns>
    public int ListGrants() => Ask(new ControlRequest.List(), answer =>
    {
        JsonElement[] grants = [.. answer.GetProperty("grants").EnumerateArray()];
        if (grants.Length == 0)
        {
            output.Write("Nothing is granted.\n");
        }
        else
        {
            GrantTable.Write(output, grants);
        }
    });

    /// <summary>--revoke.</summary>
    /// <returns>The exit status: 0 when all that was asked for is done.</returns>
    public int Revoke() => Ask(new ControlRequest.Revoke(options.Revoked!, options.CutsConnections), answer =>
    {
        foreach (JsonElement grant in answer.GetProperty("revoked").EnumerateArray())
        {
            output.Write($"Revoked {GrantTable.Describe(grant)}\n");
        }

        output.Write(answer.GetProperty("cut").ValueKind == JsonValueKind.Null
            ? "Connections that are open stay open; --cut ends them, too.\n"
            : $"Connections ended: {GrantTable.Text(answer, "cut")}\n");
    });

    /// <summary>
    /// -S, --status with -v or --json. What -S alone prints is the reference's line (server.md 1.3) and nothing else: scripts compare it, and it
    /// must not depend on an answer.
    /// </summary>
    /// <returns>The exit status: 0 when a daemon runs, whether or not it answers.</returns>
    public int ShowStatus()
    {
        if (!(options.ShowsJson ? _running.TryFind(out int daemon) : _running.TryShow(out daemon)))
        {
            output.Write(options.ShowsJson ? "{\"running\":false}\n" : "");
            return 1;
        }

        if (Ask(daemon, new ControlRequest.Status(), WriteStatus) != 0 && options.ShowsJson)
        {
            output.Write($"{{\"running\":true,\"pid\":{daemon}}}\n");
        }

        return 0;
    }

    private void WriteStatus(JsonElement answer)
    {
        output.Write($"Version: {GrantTable.Text(answer, "program")}\n");
        output.Write($"Running since: {GrantTable.Text(answer, "since")}\n");
        output.Write($"Firewall: {GrantTable.Text(answer, "firewall")}\n");
        output.Write($"Grants open: {GrantTable.Text(answer, "grants")}\n");
        JsonElement counters = answer.GetProperty("counters");
        output.Write($"Authentic packets: {GrantTable.Text(counters, "packets")}\n");
        output.Write(
            $"Grants since then: {GrantTable.Text(counters, "opened")} opened, {GrantTable.Text(counters, "extended")} extended, "
            + $"{GrantTable.Text(counters, "failed")} failed\n");
        output.Write($"Ports shut again: {GrantTable.Text(counters, "ended")} in time, {GrantTable.Text(counters, "revoked")} revoked\n");
        output.Write($"Commands: {GrantTable.Text(counters, "commands")}\n");
    }

    private int Ask(ControlRequest request, Action<JsonElement> show)
    {
        if (FileLock.IsHeld(pidFile, out int daemon, out Errno error))
        {
            return Ask(daemon, request, show);
        }

        if (error != Errno.None)
        {
            return Fail(error.IsAccessDenied ? $"only root may ask the running fwknopd ({pidFile}: {error.Text})" : $"PID file error: {pidFile}: {error.Text}");
        }

        output.Write($"{RunningInstance.NoneRuns}\n");
        return 1;
    }

    private int Ask(int daemon, ControlRequest request, Action<JsonElement> show)
    {
        if (new ControlClient(ControlSocket.PathBeside(pidFile), daemon).Ask(request, out JsonDocument? document) is { } failure)
        {
            return Fail(failure);
        }

        using (document)
        {
            JsonElement answer = document!.RootElement;
            if (answer.TryGetProperty("error", out _))
            {
                return Fail(GrantTable.Text(answer, "error"));
            }

            if (options.ShowsJson)
            {
                output.Write($"{answer.GetRawText()}\n");
            }
            else
            {
                show(answer);
            }

            return Report(answer);
        }
    }

    private int Report(JsonElement answer)
    {
        string[] problems = answer.TryGetProperty("problems", out JsonElement list) ? [.. list.EnumerateArray().Select(problem => problem.ToString())] : [];
        foreach (string problem in problems)
        {
            Fail(problem);
        }

        return problems.Length == 0 ? 0 : 1;
    }

    private int Fail(string reason)
    {
        errors.Write($"[*] {reason}\n");
        return 1;
    }
}
