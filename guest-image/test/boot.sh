#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots the guest image with a job of one's own: see usage. For tests in any language, and for looking around in a guest.
set -euo pipefail

readonly data=${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}
readonly image=$data/image

usage() {
    cat <<'END'
Usage: boot.sh [OPTIONS] [FILE|DIRECTORY[=NAME]...] [-- QEMU-ARGUMENTS]
Boots the guest image with files in /part, and prints the guest's console. The guest's job is /part/run, if it is an executable file, or
'java @/part/java.args', if there is such a file, or else a shell. A FILE that is not called NAME keeps its name.
Ends with the job's exit status, or with
  124  the time is over
  125  the guest could not start the job; the last line says why
  126  the machine went off without a word: a panic, or QEMU ended

  -e COMMAND        the job is this shell command
  -j JAVA-OPTIONS   the job is java with these options: -j '-cp /part/x.jar Main'
  -m MEGABYTES      memory (512)
  -c CPUS           virtual processors (1)
  -t SECONDS        time limit (120; 0: none)
  -a PARAMETERS     more of the kernel's command line: -a ptnetmap.paravirtual=0
  -q QEMU           the QEMU to use (default: the one of 'nfv setup qemu', else that of PATH)
  -K                try KVM (default: emulate the processor)

  boot.sh                                         # a shell in a guest
  boot.sh -e 'uname -a; lsmod'                    # one command
  boot.sh test.sh=run data.bin -- -device e1000,netdev=n0 -netdev user,id=n0
END
}

fail() {
    printf 'boot.sh: %s\n' "$1" >&2
    exit 2
}

# --- The job --------------------------------------------------------------------------------------------------------

files=$(mktemp -d "${TMPDIR:-/tmp}/boot.XXXXXX")
qemu_pid=
cleanup() {
    [[ -n $qemu_pid ]] && kill -KILL "$qemu_pid" 2>/dev/null
    rm -rf "$files"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
readonly files part=$files/part
mkdir "$part"

memory=512 cpus=1 limit=120 accelerator=tcg parameters=() qemu=$data/qemu/bin/qemu-system-x86_64
[[ -x $qemu ]] || qemu=$(command -v qemu-system-x86_64 || true)
while getopts e:j:m:c:t:a:q:Kh option; do
    case $option in
        e)
            printf '#!/bin/sh\n%s\n' "$OPTARG" >"$part/run"
            chmod +x "$part/run"
            ;;
        j) printf '%s\n' "$OPTARG" >"$part/java.args" ;;
        m) memory=$OPTARG ;;
        c) cpus=$OPTARG ;;
        t) limit=$OPTARG ;;
        a) parameters+=("$OPTARG") ;;
        q) qemu=$OPTARG ;;
        K) accelerator=kvm ;;
        h)
            usage
            exit
            ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
while [[ $# -gt 0 && $1 != -- ]]; do
    source=${1%%=*}
    name=${1#*=}
    [[ -e $source ]] || fail "no $source"
    [[ $1 == *=* ]] || name=${source##*/}
    mkdir -p "$(dirname "$part/$name")"
    cp -RL "$source" "$part/$name"
    shift
done
[[ $# -eq 0 ]] || shift
[[ -n $qemu ]] || fail "no QEMU: run './nfv setup qemu', or name one with -q"
[[ -r $image/initrd.cpio ]] || fail "no guest image in $image: run './nfv setup image'"

# --- The machine ----------------------------------------------------------------------------------------------------

cp "$image/initrd.cpio" "$files/initrd.cpio"
(cd "$files" && find part | cpio --quiet -o -H newc -R 0:0) >>"$files/initrd.cpio"

arguments=(
    -machine "q35,accel=$accelerator" -cpu max -smp "$cpus" -m "$memory" -nodefaults -no-user-config -display none -no-reboot
    -serial stdio
    -kernel "$image/vmlinux" -initrd "$files/initrd.cpio"
    -append "console=ttyS0 panic=-1 ${KARGS-quiet} ${parameters[*]}"
    -drive "if=none,id=root,file=$image/root.squashfs,format=raw,readonly=on" -device virtio-blk-pci,drive=root,serial=ptnetmap-root
    "$@"
)
if [[ -t 0 && -t 1 ]]; then
    stty -icanon -echo
    trap 'stty sane; cleanup' EXIT
    "$qemu" "${arguments[@]}"
    exit
fi

mkfifo "$files/console"
# Killed with this script, however that ends.
timeout "$limit" "$qemu" "${arguments[@]}" </dev/null >"$files/console" 2>&1 &
qemu_pid=$!
tee "$files/log" <"$files/console"
wait "$qemu_pid"
