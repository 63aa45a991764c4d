#!/bin/bash
# boot-systemd.sh FOLDER PROGRAMS UNIT CGROUP
# Becomes systemd, on a root of its own: the machine's /usr with the programs laid over it, FOLDER/etc over what programs need of /etc, all else
# empty and in memory. To be started as the first process of new pid, mount, uts and ipc namespaces; the network is the caller's. Kernel settings and
# hardware are read-only.
set -euo pipefail
folder=$1 programs=$2 unit=$3 group=$4

mount --make-rprivate /
if [ "${5:-}" != grouped ]; then
    mkdir "$folder/cgroup"
    mount -t cgroup2 cgroup2 "$folder/cgroup"
    mkdir "$folder/cgroup/$group"
    echo 0 > "$folder/cgroup/$group/cgroup.procs"
    umount "$folder/cgroup"
    exec unshare --cgroup "$0" "$@" grouped
fi

root=$folder/root
mkdir "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir -p dev etc/systemd/system etc/fwknop home proc root/old run sys tmp usr var/lib var/log/journal .upper .work
chmod 1777 tmp
chmod 700 root
ln -s usr/bin usr/sbin usr/lib usr/lib64 .
mount -t overlay -o "lowerdir=/usr,upperdir=$root/.upper,workdir=$root/.work" overlay usr
cp "$programs"/* usr/sbin/

for name in passwd group shadow ld.so.cache nsswitch.conf protocols services alternatives dotnet; do
    [ ! -e "/etc/$name" ] || cp -a "/etc/$name" etc/
done
echo ID=test > etc/os-release
echo 0123456789abcdef0123456789abcdef > etc/machine-id
cp "$unit" etc/systemd/system/fwknopd.service
cp -r "$folder/etc/." etc/
for name in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-{control,kernel}.socket systemd-{networkd,resolved,timesyncd,sysctl}.service; do
    ln -s /dev/null "etc/systemd/system/$name"
done
# Nothing of the machine's services.
cat > etc/systemd/system/test.target <<'UNIT'
[Unit]
Requires=basic.target
After=basic.target
AllowIsolate=yes
UNIT

mount -t tmpfs -o mode=755 tmpfs dev
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run

pivot_root . root/old
cd /
umount -l /root/old
exec env -i container=other PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 \
    setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio,-sys_boot,-syslog /lib/systemd/systemd --system --unit=test.target
