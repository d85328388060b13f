#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: nftables.sh RULESET IN.pcap OUT.pcap
#
# Replays IN.pcap through a router with an nftables ruleset, in two network
# namespaces of its own, and captures what comes out. Needs root.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
ruleset=$1 in=$2 out=$3
router=nft-router-$$ hosts=nft-hosts-$$
capture=

cleanup() {
    [ -z "$capture" ] || kill "$capture" 2>/dev/null || true
    ip netns delete "$router" 2>/dev/null || true
    ip netns delete "$hosts" 2>/dev/null || true
}
trap cleanup EXIT
ip netns add "$router"
ip netns add "$hosts"
in_router() { ip netns exec "$router" "$@"; }
in_hosts() { ip netns exec "$hosts" "$@"; }

# Nothing in the namespaces speaks for itself: no addresses, no neighbours.
in_hosts sysctl -qw net.ipv6.conf.default.disable_ipv6=1
in_router sysctl -qw net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.default.accept_ra=0
ip link add from netns "$hosts" mtu 1500 type veth peer name in netns "$router" address 02:00:00:00:00:01
ip link add to netns "$hosts" mtu 1500 type veth peer name out netns "$router"
for device in in out; do
    in_router ip link set "$device" arp off up
done
in_hosts ip link set from up
in_hosts ip link set to up
in_router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.in.rp_filter=0
in_router ip route add default dev out
in_router ip -6 route add default dev out
in_router nft -f "$ruleset"

ip netns exec "$hosts" tcpdump -Z root -n -U --immediate-mode -s 2048 -B 16384 -i to -w "$out" 2>"$out.log" &
capture=$!
for _ in $(seq 1 100); do
    ! grep -q 'listening on' "$out.log" || break
    sleep 0.1
done
in_hosts tcpreplay --quiet --pps=5000 -i from "$in" >"$out.replay" 2>&1 || { cat "$out.replay" >&2; exit 1; }
sleep 0.5
kill "$capture"
wait "$capture" || true
capture=
# A lost packet is not one that the ruleset dropped.
if grep -E '^[1-9][0-9]* packets? dropped' "$out.log" >&2; then
    echo "the capture lost packets" >&2
    exit 1
fi
