#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What 'nfv bench peers' compares with: see usage.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
# shellcheck source=host-setup/setup/lib.sh
. "$here/lib.sh"

readonly drivers=/usr/lib/x86_64-linux-gnu/dpdk

usage() {
    cat <<'END'
Usage: nfv setup peers
Installs, as root by apt, what 'nfv bench peers' compares this framework with and what it takes to build and run that: DPDK
with its drivers for rings and shared memory, gcc, pkg-config, iproute2. Aeron comes with the build.
END
}

case ${1:-} in
    '') ;;
    -h | --help)
        usage
        exit
        ;;
    *) fail 2 "'nfv setup peers' has no $1: see --help" ;;
esac

# DPDK's drivers are dependencies of its headers.
need_packages dpdk-dev libdpdk-dev gcc libc6-dev pkg-config iproute2
# DPDK loads no driver from a directory that anybody can write to.
if [[ -n $(find "$drivers" -maxdepth 1 -perm -o+w -print -quit) ]]; then
    fail 4 "$drivers can be written to by anybody, so that DPDK does not load its drivers from there: 'chmod -R o-w $drivers'"
fi
say "the peers of 'nfv bench peers' are here"
