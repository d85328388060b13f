#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the guest image's boot contract and of boot.sh, each in a machine of its own. Needs './nfv setup image'.
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly here

scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT

# --- What tests say -------------------------------------------------------------------------------------------------

# boots EXPECTED-STATUS BOOT-ARGUMENTS...: boots; the console is in $scratch/console.
boots() {
    local -r expected=$1
    local status=0
    shift
    "$here/boot.sh" "$@" </dev/null >"$scratch/console" 2>&1 || status=$?
    sed -i 's/\r$//' "$scratch/console"
    [[ $status -eq $expected ]] && return
    printf 'exit status %s instead of %s\n' "$status" "$expected"
    return 1
}

says() {
    grep -qE -- "$1" "$scratch/console" && return
    printf 'the console does not say: %s\n' "$1"
    return 1
}

machines_of() { pgrep -f -- "-name guest=$1" || true; }

# --- Tests ----------------------------------------------------------------------------------------------------------

a_job_ends_the_machine_and_its_status_is_the_last_line() {
    boots 3 -e 'echo from the job; exit 3'
    says '^from the job$'
    [[ $(tail -n 1 "$scratch/console") == 'ptnetmap: /part/run has ended (exit status 3)' ]]
}

files_and_the_control_port_are_there() {
    mkdir -p "$scratch/files"
    printf 'payload' >"$scratch/files/x"
    boots 0 -e 'cat d/x && echo hello >/dev/virtio-ports/io.ptnetmap.control' "$scratch/files=d" \
        -- -device virtio-serial-pci -chardev "file,id=c,path=$scratch/control" -device virtserialport,chardev=c,name=io.ptnetmap.control
    says '^payload'
    [[ $(<"$scratch/control") == $'hello\nexit 0' ]]
}

a_control_port_that_nobody_listens_to_does_not_keep_the_machine() {
    boots 0 -t 60 -e true -- -device virtio-serial-pci -chardev null,id=c -device virtserialport,chardev=c,name=io.ptnetmap.control
}

interfaces_are_up_and_silent() {
    boots 0 -e 'ip a show eth0; cat /sys/module/e1000/parameters/paravirtual; sleep 3; cat /sys/class/net/eth0/statistics/tx_packets' \
        -- -netdev user,id=n0 -device e1000,netdev=n0
    says '<.*UP.*>'
    [[ $(grep -xE 'Y|N|[0-9]+' "$scratch/console") == $'Y\n0' ]]
}

an_ordinary_nic_carries_packets() {
    boots 0 -a ptnetmap.paravirtual=0 -a ptnetmap.ip=eth0:10.0.2.15/24 -e 'ping -c 3 10.0.2.2; cat /sys/module/e1000/parameters/paravirtual' \
        -- -netdev user,id=n0 -device e1000,netdev=n0
    says ', [1-3] packets received'
    says '^N$'
}

java_runs_the_framework_from_its_cache() {
    boots 0 -j '-XX:AOTMode=on -XX:+UseSerialGC -cp /opt/ptnetmap/lib/* io.ptnetmap.nfv.cli.Main functions'
    says '^firewall '
}

a_job_that_cannot_start_says_why() {
    boots 125 -a ptnetmap.ip=eth7:10.0.0.1/8 -e true
    says '^ptnetmap: cannot start: ptnetmap.ip=eth7:10.0.0.1/8 cannot be set'
}

a_panic_is_not_a_success() { boots 126 -e 'echo c >/proc/sysrq-trigger'; }

a_qemu_that_does_not_start_says_why() {
    boots 126 -e true -- -device nonsense
    says nonsense
}

the_time_limit_holds() {
    boots 124 -t 3 -e 'sleep 1000' -- -name guest=limited
    [[ -z $(machines_of limited) ]]
}

a_killed_boot_leaves_no_machine() {
    local boot tries=0
    "$here/boot.sh" -e 'sleep 1000' -- -name guest=orphan </dev/null >/dev/null 2>&1 &
    boot=$!
    until [[ -n $(machines_of orphan) ]]; do
        [[ $((tries++)) -lt 100 ]]
        sleep 0.1
    done
    kill -KILL "$boot"
    wait "$boot" 2>/dev/null || true
    sleep 1
    [[ -z $(machines_of orphan) ]]
}

two_machines_run_at_once() {
    "$here/boot.sh" -e 'exit 5' </dev/null >/dev/null 2>&1 &
    boots 6 -e 'exit 6'
    local status=0
    wait $! || status=$?
    [[ $status -eq 5 ]]
}

# --------------------------------------------------------------------------------------------------------------------

# The names of tests as arguments, or else all of them.
if [[ $# -eq 0 ]]; then
    mapfile -t tests < <(declare -F | awk '{ print $3 }' | grep -vxE 'boots|says|machines_of')
    set -- "${tests[@]}"
fi
failures=0
for name; do
    : >"$scratch/console"
    set +e
    (
        set -e
        "$name"
    ) >"$scratch/problem"
    status=$?
    set -e
    if [[ $status -eq 0 ]]; then
        printf 'ok %s\n' "$name"
    else
        failures=$((failures + 1))
        printf 'not ok %s\n' "$name"
        sed 's/^/# /' "$scratch/problem" "$scratch/console"
    fi
done
[[ $failures -eq 0 ]]
