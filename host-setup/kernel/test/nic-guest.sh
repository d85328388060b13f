#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# What happens to two NICs that are the ends of one pipe, eth0 here and eth1 in another network namespace. Run by nic-test.sh in a
# virtual machine. After each test packets of the stacks, and netmap's, must pass as before.

readonly count=20000 long=100000000

# --- Tools ----------------------------------------------------------------------------------------------------------

fail() {
    echo "$*"
    exit 1
}

# until_true COMMAND...: waits for at most a minute.
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "not within a minute: $*"
        usleep 100000
    done
}

# A process that keeps the namespace.
other() { nsenter -t "$(cat /tmp/other)" -n "$@"; }
namespace_of() { readlink "/proc/$1/ns/net"; }
in_other_namespace() { [ "$(namespace_of "$1")" != "$(namespace_of 1)" ]; }
make_other() {
    unshare -n sleep 1000000 &
    echo $! >/tmp/other
    until_true in_other_namespace $!
}

load() { insmod /e1000.ko "paravirtual=${1:-1}"; }

# After a failure, for the next test.
renew() {
    killall -KILL frames
    rmmod e1000
    rmmod netmap
    echo 1 >/sys/bus/pci/rescan
    insmod /netmap.ko && load && configure
} 2>/dev/null

# Addresses, from whatever state. Neighbours are fixed: what the stack sends by itself would be among netmap's packets.
configure() {
    until_true test -e /sys/class/net/eth0
    [ ! -e /sys/class/net/eth1 ] || ip link set eth1 netns "$(cat /tmp/other)"
    ip link set eth0 up
    other ip link set eth1 up
    ip addr replace 10.0.0.1/24 dev eth0
    other ip addr replace 10.0.0.2/24 dev eth1
}

ping_once() { ping -c 1 -W 2 10.0.0.2; }
reaches() { until_true ping_once; }

# start ARGUMENT..., start_other ARGUMENT...: frames in the background, its port being open when this returns. Sets pid.
has_port() { ! kill -0 "$1" || grep -q /dev/netmap "/proc/$1/maps"; }
start() {
    frames "$@" &
    pid=$!
    until_true has_port $pid
}
start_other() {
    nsenter -t "$(cat /tmp/other)" -n frames "$@" &
    pid=$!
    until_true has_port $pid
}

# ended PID...: waits for the end of frames that must succeed.
ended() {
    for one; do
        wait "$one" || fail "frames has failed"
    done
}

killed() {
    kill -KILL "$@"
    wait "$@"
    return 0
} 2>/dev/null

# A sender and a receiver.
load_both() {
    start_other hold eth1 100000
    receiver=$pid
    start send eth0 $long
    sender=$pid
}

pass_both_ways() {
    start_other check eth1 $count
    frames send eth0 $count || fail "cannot send from here"
    ended $pid
    start check eth0 $count
    other frames send eth1 $count || fail "cannot send from there"
    ended $pid
}

# --- What happens ---------------------------------------------------------------------------------------------------

nothing() { :; }

many_open_and_close() {
    (while :; do ping_once; done) >/dev/null &
    pinger=$!
    churners=
    for name in 1 2; do
        frames churn eth0 200 &
        churners="$churners $!"
        other frames churn eth1 200 &
        churners="$churners $!"
    done
    # shellcheck disable=SC2086
    ended $churners
    kill $pinger
}

links_go_down_and_up_under_load() {
    load_both
    for mtu in 1400 1000 1500; do
        ip link set eth0 down
        ip link set eth0 mtu $mtu
        ip link set eth0 up
        other ip link set eth1 down
        other ip link set eth1 up
    done
    kill -0 "$sender" "$receiver" || fail "a program has ended"
    killed "$sender" "$receiver"
}

programs_are_killed_under_load() {
    for round in 1 2 3 4 5; do
        load_both
        usleep ${round}00000
        killed "$sender" "$receiver"
    done
}

# holds_fail COMMAND...: programs that have eth0 open notice that it ends, and can go.
holds_fail() {
    load_both
    start hold eth0 100000 >/tmp/held
    holder=$pid
    "$@" || fail "$1 has failed"
    until_true grep -q 'eth0: error' /tmp/held
    ended "$holder"
    wait "$sender" && fail "the sender has not noticed"
    killed "$receiver"
}

the_driver_is_unloaded() {
    holds_fail rmmod e1000
    rmmod netmap && insmod /netmap.ko && load
}

# The first PCI device of a driver.
device_of() { set -- "/sys/bus/pci/drivers/$1"/0000:*; echo "$1"; }
unbind() { echo "${1##*/}" >"$1/driver/unbind"; }

a_driver_is_unbound() {
    holds_fail unbind "$(device_of e1000)"
    rmmod e1000 && load
}

the_memory_is_unbound() {
    memdev=$(device_of netmap-memdev)
    holds_fail unbind "$memdev"
    echo "${memdev##*/}" >/sys/bus/pci/drivers/netmap-memdev/bind
}

remove() { echo 1 >"$1/remove"; }

a_nic_is_removed() {
    holds_fail remove "$(device_of e1000)"
    echo 1 >/sys/bus/pci/rescan
    rmmod e1000 && load
}

# All but the last step of it.
suspend() { echo devices >/sys/power/pm_test && echo freeze >/sys/power/state; }

the_machine_sleeps() {
    [ -e /sys/power/pm_test ] || return 0
    holds_fail suspend
}

there_is_no_passthrough() {
    rmmod e1000 && load 0 && configure && reaches
    ! frames churn eth0 1 || fail "it is a netmap port"
    rmmod e1000 && load
}

# Allocations of the driver of the memory, one after the other, and some of the shell's own. Of the NICs' there are those of ACPI
# and of interrupts among them, which Linux itself does not survive in order.
allocations_fail_as_the_memory_is_bound() {
    [ -e /proc/self/fail-nth ] || return 0
    rmmod e1000
    device=$(readlink -f "$(device_of netmap-memdev)")
    driver=$(readlink -f "$device/driver")
    nth=1
    left=0
    while [ "$left" = 0 ]; do
        [ ! -e "$device/driver" ] || unbind "$device"
        echo $nth >/proc/self/fail-nth
        echo "${device##*/}" >"$driver/bind"
        left=0
        read -r left </proc/self/fail-nth
        echo 0 >/proc/self/fail-nth
        nth=$((nth + 1))
    done
    [ $nth -gt 20 ] || fail "only $nth allocations"
    load
}

# Nothing is left of the host: this is the last one.
the_host_is_killed() {
    load_both
    start hold eth0 100000 >/tmp/held
    echo '# the host may go' >/dev/console
    ended "$pid" "$receiver"
    wait "$sender" && fail "the sender has not noticed"
    grep -q 'eth0: error' /tmp/held || fail "nobody has noticed"
}

# --------------------------------------------------------------------------------------------------------------------

number=0
failures=0

# try TEST [COMMAND]...: runs these in a shell of their own.
try() {
    name=$(echo "$1" | tr _ ' ')
    case $name in *"$(cat /word)"*) ;; *) return ;; esac
    number=$((number + 1))
    begin=$(date +%s)
    if (for command; do $command || exit; done) >/tmp/output 2>&1; then
        verdict=ok
    else
        verdict='not ok'
        failures=$((failures + 1))
        sed 's/^/# /' /tmp/output
        renew
    fi
    echo "$verdict $number - $name # $(($(date +%s) - begin)) s"
}

make_other
insmod /netmap.ko && load && configure || exit
for happening in nothing many_open_and_close links_go_down_and_up_under_load programs_are_killed_under_load the_driver_is_unloaded \
    a_driver_is_unbound the_memory_is_unbound a_nic_is_removed the_machine_sleeps there_is_no_passthrough \
    allocations_fail_as_the_memory_is_bound; do
    try $happening configure reaches pass_both_ways reaches
done
try the_host_is_killed
echo "1..$number"
[ $failures = 0 ] && [ $number -gt 0 ] && rmmod e1000 && rmmod netmap
