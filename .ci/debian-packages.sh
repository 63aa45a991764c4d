# shellcheck shell=bash
# Sourced by ./test and ./demo: installs what is missing from Debian or a relative of it, and says so.
# Services of the installed packages are neither started now nor enabled for the next boot.

POLICY=/usr/sbin/policy-rc.d
POLICY_IS_OURS=

# Prints those of the given packages that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        if ! dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
            printf '%s ' "$package"
        fi
    done
}

# The usual way to keep package scripts from starting services. Whatever ends us, the file has no effect after our end.
forbid_service_starts() {
    [ -e "$POLICY" ] && return
    POLICY_IS_OURS=yes
    cat > "$POLICY" <<EOF
#!/bin/sh
# Temporary: made by a test set-up that runs as process $$; delete it if that has ended.
kill -0 $$ 2>/dev/null && exit 101
exit 0
EOF
    chmod 755 "$POLICY"
}

allow_service_starts() {
    [ -z "$POLICY_IS_OURS" ] || rm -f "$POLICY"
    POLICY_IS_OURS=
}

# Installs the missing ones of the given packages; 1 (after saying why) when that is not possible.
install_missing_packages() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian system: please see to it yourself that what these packages contain is installed: $*"
        return 1
    fi

    local missing
    missing=$(missing_packages "$@")
    if [ -z "$missing" ]; then
        return 0
    fi

    if [ "$(id -u)" != 0 ]; then
        echo "Not installed, and only root can install them: $missing"
        return 1
    fi

    echo "Installing from Debian: $missing"
    local status=0
    forbid_service_starts
    # shellcheck disable=SC2086 # a list of names
    {
        DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
            RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    } </dev/null || status=1
    allow_service_starts
    keep_disabled "$missing"
    [ "$status" = 0 ] || echo "apt-get could not install them."
    return "$status"
}

# Packages that were just installed must not bring a service up at the next boot.
keep_disabled() {
    command -v systemctl >/dev/null || return 0
    local package unit
    for package in $1; do
        case $package in
            openssh-server) unit=ssh.service ;;
            fwknop-server | nftables | fail2ban | firewalld) unit=$package.service ;;
            *) continue ;;
        esac
        systemctl disable --quiet "$unit" 2>/dev/null || true # not booted by systemd, or the package has no such unit
    done
}
