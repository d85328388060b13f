#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [-k VMLINUX] [-m NETMAP.KO] [-q QEMU] [-t SECONDS] [-a APPEND] [WORD]
#
# Boots a kernel in QEMU, loads netmap.ko, runs netmap-selftest (the tests whose names contain WORD) and unloads the module.
# Status 0: all tests pass, and the kernel has nothing to complain about. By default the kernel and the module are those
# that 'nfv setup image' and 'nfv setup kernel' have made. Needs gcc, cpio and Debian's busybox-static; no root, no KVM.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
readonly here
readonly data=${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}
# What a kernel prints when something is wrong with it.
readonly complaint='BUG:|WARNING:|Oops|KASAN|UBSAN|possible recursive locking|circular locking|soft lockup|hung_task|blocked for more|general protection|unreferenced object'

kernel=$data/image/vmlinux
module=
qemu=$data/qemu/bin/qemu-system-x86_64
seconds=1200
append=

usage() {
    sed -n '3,9s/^# \{0,1\}//p' "$0"
    exit "$1"
}

fail() {
    printf 'run.sh: %s\n' "$1" >&2
    exit "${2:-4}"
}

while getopts 'k:m:q:t:a:h' option; do
    case $option in
        k) kernel=$OPTARG ;;
        m) module=$OPTARG ;;
        q) qemu=$OPTARG ;;
        t) seconds=$OPTARG ;;
        a) append=$OPTARG ;;
        h) usage 0 ;;
        *) usage 2 >&2 ;;
    esac
done
shift $((OPTIND - 1))

if [[ -z $module && -r $data/image/image.properties ]]; then
    module=$data/kernel/$(sed -n 's/^kernel=//p' "$data/image/image.properties")/netmap.ko
fi
[[ -x $qemu ]] || qemu=$(command -v qemu-system-x86_64) || fail "no QEMU: run 'nfv setup qemu', or say -q"
[[ -r $kernel ]] || fail "no kernel $kernel: run 'nfv setup image', or say -k"
[[ -r $module ]] || fail "no module ${module:-netmap.ko}: run 'nfv setup kernel', or say -m"
busybox=$(command -v busybox) || fail "no busybox: install busybox-static"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root"/{bin,dev,proc,sys,tmp}
gcc -O2 -Wall -Wextra -Werror -static -pthread -I"$here/../../include" "$here"/selftest/*.c -o "$work/root/netmap-selftest"
cp "$busybox" "$work/root/bin/busybox"
cp "$module" "$work/root/netmap.ko"
printf '%s\n' "${1:-}" >"$work/root/word"
cat >"$work/root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
echo 5 >/proc/sys/kernel/printk
ip link set lo up
insmod /netmap.ko && /netmap-selftest $(cat /word) && rmmod netmap && result=0
if [ -w /sys/kernel/debug/kmemleak ]; then
    sleep 6
    echo scan >/sys/kernel/debug/kmemleak
    cat /sys/kernel/debug/kmemleak
fi
echo "RESULT ${result:-1}"
poweroff -f
INIT
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio --quiet -o -H newc) >"$work/initrd"

timeout "$seconds" "$qemu" -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -display none -no-reboot \
    -serial stdio -kernel "$kernel" -initrd "$work/initrd" -append "console=ttyS0 quiet panic=-1 oops=panic $append" \
    </dev/null | tr -d '\r' | tee "$work/output" || fail "the guest did not end within $seconds s" 1
grep -Eq "$complaint" "$work/output" && fail "the kernel complains" 1
grep -qx 'RESULT 0' "$work/output" || fail "not all went well" 1
