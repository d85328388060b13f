#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots the guest image with a job of one's own: see usage. For tests in any language, and for looking around in a guest.
set -euo pipefail

readonly data=${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}
readonly image=$data/image
readonly timed_out=124 cannot_start=126

usage() {
    cat <<'END'
Usage: boot.sh [OPTIONS] [FILE|DIRECTORY[=NAME]...] [-- QEMU-ARGUMENTS]
Boots the guest image with files in /part and prints the guest's console. The guest's job is /part/run if that is an executable file,
'java @/part/java.args' if there is that file, else a shell. A FILE keeps its name unless it is given another one.
Ends with the job's exit status, or with
  124  the time is over
  125  the guest could not start its job; its last line says why
  126  the machine did not start, or went off without a word: a panic, or QEMU's end

  -e COMMAND      the job is this shell command
  -j ARGUMENTS    the job is java with these arguments, besides those of the image: -j '-cp /part/x.jar Main'
  -m MEGABYTES    memory (512)
  -c CPUS         virtual processors (1)
  -t SECONDS      time limit (120; 0: none)
  -a PARAMETER    one more word of the kernel's command line: -a ptnetmap.paravirtual=0
  -q QEMU         the QEMU to use (default: that of 'nfv setup qemu', else the one in PATH)
  -k              use KVM (default: QEMU emulates the processor)
  -v              let the kernel tell all

  boot.sh                                         # a shell in a guest
  boot.sh -e 'uname -a; lsmod'                    # a command
  boot.sh test.sh=run data.bin -- -netdev user,id=n0 -device e1000,netdev=n0
END
}

fail() {
    printf 'boot.sh: %s\n' "$1" >&2
    exit $cannot_start
}

files=$(mktemp -d "${TMPDIR:-/tmp}/boot.XXXXXX")
readonly files part=$files/part
qemu_pid=
# shellcheck disable=SC2317  # called by the trap
cleanup() {
    [[ -z $qemu_pid ]] || kill -KILL "$qemu_pid" 2>/dev/null || true
    [[ ! -t 0 ]] || stty sane
    rm -rf "$files"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
mkdir "$part"

# --- The command line -----------------------------------------------------------------------------------------------

property() { sed -n "s/^$1=//p" "$image/image.properties"; }

[[ -r $image/image.properties ]] || fail "no guest image in $image: build it by './nfv setup image'"
memory=512 cpus=1 limit=120 accelerator=tcg processor=max chatter=quiet
parameters=$(property append)
qemu=$data/qemu/bin/qemu-system-x86_64
[[ -x $qemu ]] || qemu="qemu-system-x86_64"
while getopts e:j:m:c:t:a:q:kvh option; do
    case $option in
        e)
            printf '#!/bin/sh\n%s\n' "$OPTARG" >"$part/run"
            chmod +x "$part/run"
            ;;
        j) printf '%s\n%s\n' "$(property java.options)" "$OPTARG" >"$part/java.args" ;;
        m) memory=$OPTARG ;;
        c) cpus=$OPTARG ;;
        t) limit=$OPTARG ;;
        a) parameters+=" $OPTARG" ;;
        q) qemu=$OPTARG ;;
        k) accelerator=kvm processor=host ;;
        v) chatter=ignore_loglevel ;;
        h)
            usage
            exit
            ;;
        *) exit $cannot_start ;;
    esac
done
shift $((OPTIND - 1))
while [[ $# -gt 0 && $1 != -* ]]; do
    file=${1%=*}
    name=${1##*=}
    [[ $1 == *=* ]] || name=${file##*/}
    [[ -e $file ]] || fail "no $file"
    mkdir -p "$(dirname "$part/$name")"
    cp -RL "$file" "$part/$name"
    shift
done
[[ ${1:-} != -- ]] || shift
command -v "$qemu" >/dev/null || fail "no $qemu: build QEMU by './nfv setup qemu', or name one with -q"

# --- The machine ----------------------------------------------------------------------------------------------------

cp "$image/initrd.cpio" "$files/initrd.cpio"
(cd "$files" && find part | cpio --quiet -o -H newc -R 0:0) >>"$files/initrd.cpio"
machine=(
    "$qemu" -machine q35 -accel "$accelerator" -cpu "$processor" -smp "$cpus" -m "$memory" -nodefaults -no-user-config -display none -no-reboot
    -kernel "$image/vmlinux" -initrd "$files/initrd.cpio" -append "console=ttyS0 $chatter panic=-1 reboot=t $parameters"
    -drive "if=none,id=root,format=raw,readonly=on,file=$image/root.squashfs" -device "virtio-blk-pci,drive=root,serial=ptnetmap-root"
    "$@"
)

# QEMU is killed with this script, however that ends.
run() {
    local -r deadline=$((SECONDS + limit))
    local tail_pid
    : >"$files/console"
    setpriv --pdeathsig KILL "${machine[@]}" -serial stdio </dev/null >"$files/console" 2>&1 &
    qemu_pid=$!
    tail -f -n +1 --pid "$qemu_pid" -s 0.1 "$files/console" &
    tail_pid=$!
    while kill -0 "$qemu_pid" 2>/dev/null; do
        if [[ $limit -gt 0 && $SECONDS -ge $deadline ]]; then
            printf '\nboot.sh: the time is over: %s s\n' "$limit" >&2
            exit $timed_out
        fi
        sleep 0.1
    done
    qemu_pid=
    wait "$tail_pid"
}

# The guest's last line ends with it.
exit_status() {
    local status
    status=$(tr -d '\r' <"$files/console" | sed -n 's/^ptnetmap: .* (exit status \([0-9]*\))$/\1/p' | tail -n 1)
    printf '%s\n' "${status:-$cannot_start}"
}

if [[ -t 0 && -t 1 ]]; then
    printf 'Ctrl-A X ends the machine, Ctrl-A C talks to QEMU.\n'
    setpriv --pdeathsig KILL "${machine[@]}" -serial mon:stdio | tee "$files/console" || true
else
    run
fi
exit "$(exit_status)"
