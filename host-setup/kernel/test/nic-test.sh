#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nic-test.sh [-k VMLINUX] [-m NETMAP.KO] [-q QEMU] [-t SECONDS] [-a APPEND] [WORD]
#
# Boots a kernel in QEMU with two passed-through NICs, the ends of one pipe of a host that 'nfv host' keeps, and lets happen to
# netmap.ko and e1000.ko what happens to drivers: nic-guest.sh says what (the tests whose names contain WORD).
# Status 0: all tests pass, and the kernel has nothing to complain about. Options and needs are those of run.sh; e1000.ko is
# beside NETMAP.KO. With -a pci=nomsi the NICs interrupt by lines. Environment: NFV, the nfv to use (that of this checkout, built).
set -euo pipefail

# shellcheck source=host-setup/kernel/test/guest.sh
. "$(dirname "$0")/guest.sh"

read_options "$@"
nfv=${NFV:-$here/../../../nfv}
[[ -n ${NFV:-} ]] || "$nfv" build
"$nfv" host --socket "$work/host.sock" </dev/null >"$work/host.log" 2>&1 &
host=$!
disown
trap 'kill -KILL $host 2>/dev/null || true; rm -rf "$work"' EXIT
until [[ -S $work/host.sock ]]; do
    kill -0 $host 2>/dev/null || fail "no host: $(<"$work/host.log")" 1
    sleep 0.2
done

# The last test is the host's end.
: >"$work/output"
(
    until grep -qs '^# the host may go$' "$work/output"; do
        sleep 0.2
    done
    kill -KILL $host
) &
end=$!
disown
trap 'kill -KILL $host $end 2>/dev/null || true; rm -rf "$work"' EXIT

nics=()
for i in 0 1; do
    nics+=(-netdev "netmap,id=n$i,ifname=netmap:pipe$([[ $i = 0 ]] && printf '{' || printf '}')1,passthrough=on,devname=$work/host.sock"
        -device "e1000-paravirt,netdev=n$i,romfile=")
done
compile frames "$here/frames.c"
printf '%s\n' "${arguments[0]:-}" >"$work/word"
boot "$here/nic-guest.sh" "$modules"/{netmap,e1000}.ko "$work/word" -- "${nics[@]}"
