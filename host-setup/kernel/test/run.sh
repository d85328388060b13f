#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh [-k VMLINUX] [-m NETMAP.KO] [-q QEMU] [-t SECONDS] [-a APPEND] [WORD]
#
# Boots a kernel in QEMU, loads netmap.ko, runs netmap-selftest (the tests whose names contain WORD) and unloads the module.
# Status 0: all tests pass, and the kernel has nothing to complain about. By default the kernel and the module are those
# that 'nfv setup image' and 'nfv setup kernel' have made. Needs gcc, cpio and Debian's busybox-static; no root, no KVM.
set -euo pipefail

# shellcheck source=host-setup/kernel/test/guest.sh
. "$(dirname "$0")/guest.sh"

read_options "$@"
compile netmap-selftest "$here"/selftest/*.c
cat >"$work/job" <<END
#!/bin/sh
insmod /netmap.ko && netmap-selftest ${arguments[*]@Q} && rmmod netmap
END
boot "$work/job" "$modules/netmap.ko" --
