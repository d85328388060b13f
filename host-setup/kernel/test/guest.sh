# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What run.sh and nic-test.sh share: options, and a virtual machine that runs an init of theirs. To be sourced.
#
# Variables: work (a directory that goes with the script), modules (where netmap.ko and e1000.ko are), and those of the options.

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
readonly data=${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}
# What a kernel prints when something is wrong with it.
readonly complaint='BUG:|WARNING:|Oops|Call Trace|KASAN|UBSAN|ODEBUG|DMA-API: .*device driver|possible recursive locking|circular locking|inconsistent lock|lock held when|suspicious RCU|rcu.*stall|soft lockup|hung_task|blocked for more|general protection|NETDEV WATCHDOG|unregister_netdevice: waiting|unreferenced object'

kernel=$data/image/vmlinux
module=
qemu=$data/qemu/bin/qemu-system-x86_64
seconds=1200
append=
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

# The comment at the head of the script.
usage() {
    sed -n '4,${/^#/!q;s/^# \{0,1\}//p}' "$0"
    exit "$1"
}

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit "${2:-4}"
}

# read_options ARGUMENT...: sets what the options say; arguments is what is left.
read_options() {
    local option
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
    # shellcheck disable=SC2034  # for the scripts that source this
    arguments=("$@")
    if [[ -z $module && -r ${kernel%/*}/netmap.ko ]]; then
        module=${kernel%/*}/netmap.ko
    elif [[ -z $module && -r $data/image/image.properties ]]; then
        module=$data/kernel/$(sed -n 's/^kernel=//p' "$data/image/image.properties")/netmap.ko
    fi
    [[ -x $qemu ]] || qemu=$(command -v qemu-system-x86_64) || fail "no QEMU: run 'nfv setup qemu', or say -q"
    [[ -r $kernel ]] || fail "no kernel $kernel: run 'nfv setup image', or say -k"
    [[ -r $module ]] || fail "no module ${module:-netmap.ko}: run 'nfv setup kernel', or say -m"
    # shellcheck disable=SC2034  # for the scripts that source this
    modules=$(dirname "$module")
}

# compile PROGRAM SOURCE...: into the machine's /bin.
compile() {
    mkdir -p "$work/root/bin"
    gcc -O2 -Wall -Wextra -Werror -static -pthread -I"$here/../../include" "${@:2}" -o "$work/root/bin/$1"
}

# boot INIT FILE... -- QEMU-ARGUMENT...: a machine with these files in /, which runs INIT and what guest-init.sh is good for.
# Its console goes to $work/output, too.
boot() {
    local busybox
    busybox=$(command -v busybox) || fail "no busybox: install busybox-static"
    mkdir -p "$work/root"/{bin,dev,proc,sys,tmp}
    cp "$busybox" "$work/root/bin/busybox"
    cp "$here/guest-init.sh" "$work/root/init"
    install -m 755 "$1" "$work/root/job"
    shift
    while [[ $1 != -- ]]; do
        cp "$1" "$work/root"
        shift
    done
    shift
    (cd "$work/root" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/initrd"
    timeout "$seconds" "$qemu" -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1536 -nodefaults -display none -no-reboot \
        -serial stdio -kernel "$kernel" -initrd "$work/initrd" -append "console=ttyS0 quiet panic=-1 oops=panic $append" "$@" \
        </dev/null | stdbuf -oL tr -d '\r' | tee "$work/output" || fail "the guest did not end within $seconds s" 1
    ! grep -Eq "$complaint" "$work/output" || fail "the kernel complains" 1
    grep -qx 'RESULT 0' "$work/output" || fail "not all went well" 1
}
