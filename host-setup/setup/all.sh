#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# All that chains across virtual machines need: see usage.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here
# shellcheck source=host-setup/setup/lib.sh
. "$here/lib.sh"

usage() {
    cat <<'END'
Usage: nfv setup all [--source DIR]
Builds and installs QEMU, then the guest image with its kernel modules. What is done already takes a second.

  --source DIR   use the .deb and .dsc packages of this directory instead of downloading them by apt
END
}

options=()
while [[ $# -gt 0 ]]; do
    case $1 in
        --source)
            [[ -d ${2:-} ]] || fail 2 "--source needs a directory"
            source_dir=$(readlink -f "$2")
            options=(--source "$source_dir")
            shift 2
            ;;
        -h | --help)
            usage
            exit
            ;;
        *) fail 2 "'nfv setup all' has no $1: see --help" ;;
    esac
done

"$here/qemu.sh" "${options[@]}"
"$here/image.sh" "${options[@]}"
