#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests our QEMU without a guest's kernel: the attach protocol's messages, and the devices, driven by the qtest protocol, and by
# a small program on a processor of QEMU's and, where there is one, of KVM's.
#   run.sh [QEMU-BINARY [TEST...]]    default: what 'nfv setup qemu' installs; tests as unittest names them
# Environment: MUTATIONS, how many the fuzz test makes (3000); SEED, to repeat a run of it.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here vectors=$here/../../../ptnetmap-java/src/test/resources/io/ptnetmap/host/attach-vectors.json
QEMU=$(readlink -m "${1:-${PTNETMAP_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/ptnetmap}/qemu/bin/qemu-system-x86_64}")
export QEMU PYTHONDONTWRITEBYTECODE=1
[[ -x $QEMU ]] || {
    echo "no QEMU at $QEMU: run 'nfv setup qemu', or name one" >&2
    exit 4
}
shift || true

work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT

# The protocol's header as the series has it.
mkdir "$work/net"
sed -n '/^+++ b\/net\/netmap-attach-wire.h$/,/^diff --git/{/^+[^+]/s/^+//p;/^+$/s/^+//p}' "$here"/../patches/0001-*.patch >"$work/netmap-attach-wire.h"
gcc -Wall -Wextra -Werror -I "$work" -o "$work/wire_test" "$here/wire_test.c"
python3 -c 'import json, sys; [print(v["name"], v["hex"]) for v in json.load(sys.stdin)["vectors"]]' <"$vectors" | "$work/wire_test"

gcc -Wall -Wextra -Werror -shared -fPIC -I "$here/../../include" -o "$work/fake_netmap.so" "$here/fake_netmap.c"
gcc -Wall -Wextra -Werror -m32 -march=i686 -mgeneral-regs-only -O2 -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
    -nostdlib -static -Wl,--build-id=none -Wl,--no-warn-rwx-segments -T "$here/driven_guest.ld" -o "$work/driven_guest" "$here/driven_guest.c"
export FAKE_NETMAP=$work/fake_netmap.so GUEST=$work/driven_guest
cd "$here"
[[ $# -gt 0 ]] || set -- test_device test_guest
python3 -W error -m unittest -v "$@"
