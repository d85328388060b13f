# SPDX-License-Identifier: BSD-2-Clause
#
# Boots systemd as process 1 of a container that sees this machine's files, and whose changes to them go with it. To be run by
# unshare --mount, as root: DIRECTORY (an empty one), then options of systemd-nspawn.
set -euo pipefail
directory=$1
shift

group=
mount --make-rprivate /
if [[ $(stat -f -c %T /sys/fs/cgroup) != cgroup2fs ]]; then
    umount -l /sys/fs/cgroup
    mount -t cgroup2 none /sys/fs/cgroup
    group=/sys/fs/cgroup/nfv-test-$$
    mkdir "$group"
fi
mount -t tmpfs none "$directory"
mkdir "$directory"/{upper,work,root}
mount -t overlay -o "lowerdir=/,upperdir=$directory/upper,workdir=$directory/work" none "$directory/root"
: >"$directory/root/etc/machine-id"
# A service has what the container has at most; basic.target is what every service may expect.
(
    [[ -z $group ]] || echo "$BASHPID" >"$group/cgroup.procs"
    exec systemd-nspawn --directory="$directory/root" --boot --register=no --keep-unit --private-network --console=pipe --quiet \
        --capability=all --system-call-filter='bpf @memlock' "$@" systemd.unit=basic.target
) || true
[[ -z $group ]] || find "$group" -depth -type d -exec rmdir {} \;
