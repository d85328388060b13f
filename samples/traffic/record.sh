#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Records the traffic of real programs between Linux network namespaces,
# on both sides of a gateway that translates IPv4 addresses.
set -euo pipefail

PACKAGES="bind9-dnsutils curl dnsmasq-base ethtool iperf3 iproute2 iputils-ping
iputils-tracepath nftables nginx-light openssh-client openssh-server openssl
procps python3 socat tcpdump traceroute tshark
wireshark-common"

usage() {
    cat <<END
Usage: record.sh [--install] DIRECTORY
       record.sh --check DIRECTORY

Records the captures anew into DIRECTORY (made if missing) and checks them:
gateway-in.pcapng, gateway-out.pcapng, inside.pcap, outside.pcap, vlan.pcap.
Needs root; takes about half a minute.

  --install  first install the Debian packages it needs (which may start their
             nginx and ssh services; the recording uses its own)
  --check    only check the captures in DIRECTORY (no root; needs tshark, python3)
  --help     this text

Debian packages:
$PACKAGES
END
}

fail() {
    echo "record.sh: $*" >&2
    exit 1
}

install=no
only_check=no
out=
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --install) install=yes ;;
        --check) only_check=yes ;;
        -*) fail "unknown option $1, see --help" ;;
        *) [ -z "$out" ] || fail "one directory only, see --help"
           out=$1 ;;
    esac
    shift
done
[ -n "$out" ] || { usage >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# ---------------------------------------------------------------- the checks

# The TCP or UDP header an ICMP error quotes is followed by less than was summed
# up: there the checksum cannot be judged.  Without putting TCP streams together,
# as segments sent again in another size are not malformed.
check() {
    local file bad
    for file in gateway-in.pcapng gateway-out.pcapng inside.pcap outside.pcap vlan.pcap; do
        bad=$(tshark -r "$out/$file" -o tcp.desegment_tcp_streams:FALSE \
            -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
            -Y '_ws.malformed || ip.checksum.status == "Bad" || icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad" || ((tcp.checksum.status == "Bad" || udp.checksum.status == "Bad") && !(icmp.type in {3, 11}) && !(icmpv6.type in {1, 2, 3}))' \
            -T fields -e frame.number 2>/dev/null) || fail "tshark cannot read $file"
        [ -z "$bad" ] || fail "$file: wrong checksum or malformed frame: ${bad//$'\n'/ }"
        echo "$file: no wrong checksum, no malformed frame"
    done
    python3 "$here/check.py" "$out"
}

if [ $only_check = yes ]; then
    check
    exit 0
fi

[ "$(id -u)" = 0 ] || fail "needs root (namespaces, captures)"
if [ $install = yes ]; then
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $PACKAGES
fi
PATH=$PATH:/usr/sbin:/sbin
for tool in curl dig dnsmasq ethtool ip iperf3 nft nginx openssl ping python3 socat ss \
    ssh ssh-keygen sshd sysctl tcpdump tracepath traceroute tshark editcap; do
    command -v "$tool" >/dev/null ||
        fail "$tool is missing; Debian packages needed: $PACKAGES"
done

# ------------------------------------------------------ namespaces and cleanup

CLIENT=traffic-client
GATEWAY=traffic-gateway
SERVER=traffic-server
FAR=traffic-far

for ns in $CLIENT $GATEWAY $SERVER $FAR; do
    [ ! -e "/run/netns/$ns" ] || fail "namespace $ns exists already: is another record.sh running?"
done

tmp=$(mktemp -d)
chmod 755 "$tmp"
made=()
started=()
capturing=()

cleanup() {
    local ns pid
    set +e
    for pid in "${started[@]}" "${capturing[@]}"; do
        kill "$pid" 2>/dev/null
    done
    for ns in "${made[@]}"; do
        for pid in $(ip netns pids "$ns" 2>/dev/null); do
            kill -KILL "$pid" 2>/dev/null
        done
    done
    wait 2>/dev/null
    for ns in "${made[@]}"; do
        ip netns delete "$ns"
    done
    rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

in_ns() {
    local ns=$1
    shift
    ip netns exec "$ns" "$@"
}

# start LOG NAMESPACE COMMAND...: a program that lives until the cleanup
start() {
    local log=$tmp/$1.log ns=$2
    shift 2
    ip netns exec "$ns" "$@" >"$log" 2>&1 </dev/null &
    started+=($!)
}

for ns in $CLIENT $GATEWAY $SERVER $FAR; do
    ip netns add "$ns"
    made+=("$ns")
    in_ns "$ns" sysctl -qw net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0 \
        net.ipv6.conf.default.router_solicitations=0 \
        net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    in_ns "$ns" ip link set lo up
done

# link NS1 NAME1 MAC1 NS2 NAME2 MAC2
link() {
    ip link add "$2" netns "$1" address "$3" type veth peer name "$5" netns "$4" address "$6"
    local side
    for side in "$1 $2" "$4 $5"; do
        # shellcheck disable=SC2086
        set -- $side
        in_ns "$1" ethtool -K "$2" rx off tx off sg off tso off gso off gro off >/dev/null 2>&1 || true
        in_ns "$1" ethtool -k "$2" >"$tmp/offload"
        ! grep -E '^(tx-checksumming|tcp-segmentation-offload|generic-segmentation-offload|generic-receive-offload): on' \
            "$tmp/offload" || fail "offload of $2 stays on"
        in_ns "$1" ip link set "$2" up
    done
}

link $CLIENT eth0 02:00:00:00:01:02 $GATEWAY inside 02:00:00:00:01:01
link $GATEWAY outside 02:00:00:00:02:01 $SERVER eth0 02:00:00:00:02:80
link $SERVER eth1 02:00:00:00:03:01 $FAR eth0 02:00:00:00:03:10

in_ns $CLIENT ip addr add 10.1.0.2/24 dev eth0
in_ns $CLIENT ip addr add 2001:db8:1::2/64 dev eth0
in_ns $CLIENT ip route add default via 10.1.0.1
in_ns $CLIENT ip route add default via 2001:db8:1::1

in_ns $GATEWAY ip addr add 10.1.0.1/24 dev inside
in_ns $GATEWAY ip addr add 2001:db8:1::1/64 dev inside
in_ns $GATEWAY ip addr add 203.0.113.1/24 dev outside
in_ns $GATEWAY ip addr add 2001:db8:2::1/64 dev outside
in_ns $GATEWAY ip route add 198.51.100.0/24 via 203.0.113.80
in_ns $GATEWAY ip route add 2001:db8:3::/64 via 2001:db8:2::80
in_ns $GATEWAY sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.conf.all.send_redirects=0

in_ns $SERVER ip addr add 203.0.113.80/24 dev eth0
in_ns $SERVER ip addr add 2001:db8:2::80/64 dev eth0
in_ns $SERVER ip addr add 198.51.100.1/24 dev eth1
in_ns $SERVER ip addr add 2001:db8:3::1/64 dev eth1
in_ns $SERVER ip route add 2001:db8:1::/64 via 2001:db8:2::1
in_ns $SERVER sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.tcp_synack_retries=1
# The way to the far host is narrower than the rest: "fragmentation needed".
in_ns $SERVER ip route add 198.51.100.10/32 dev eth1 mtu lock 1400
in_ns $SERVER ip route add 2001:db8:3::10/128 dev eth1 mtu lock 1400

in_ns $FAR ip addr add 198.51.100.10/24 dev eth0
in_ns $FAR ip addr add 2001:db8:3::10/64 dev eth0
in_ns $FAR ip route add default via 198.51.100.1
in_ns $FAR ip route add default via 2001:db8:3::1

in_ns $GATEWAY nft -f - <<END
table ip nat {
    chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr { 10.1.0.0/24, 10.10.0.0/24, 10.20.0.0/24 } oifname "outside" masquerade
    }
}
END
# Port 83 of the server never answers; of connections to port 82 the client
# sends nothing but the SYN (half-open for the server).
in_ns $SERVER nft -f - <<END
table inet filter {
    chain input { type filter hook input priority filter; tcp dport 83 drop; }
}
END
in_ns $CLIENT nft -f - <<END
table inet filter {
    chain output { type filter hook output priority filter; tcp dport 82 tcp flags & syn == 0 drop; }
}
END

# ------------------------------------------------------------------- services

echo 'nameserver 203.0.113.80' >"$tmp/resolv.conf"

mkdir "$tmp/www"
text() { # text BYTES NAME
    python3 -c 'import sys
n, name = int(sys.argv[1]), sys.argv[2]
lines = "".join("%s line %05d of the sample text\n" % (name, i) for i in range(n // 20 + 1))
sys.stdout.write(lines[:n])' "$1" "$2"
}
text 700 index >"$tmp/www/index.html"
text 8000 page >"$tmp/www/page.txt"
text 200000 long >"$tmp/www/long.txt"
text 9000 upload >"$tmp/upload.txt"
for i in $(seq 1 30); do
    text $((i * 20)) "item$i" >"$tmp/www/item$i.txt"
done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -subj /CN=www.example -addext 'subjectAltName=DNS:www.example,DNS:far.example' \
    -keyout "$tmp/tls.key" -out "$tmp/tls.crt" 2>/dev/null

nginx_conf() { # nginx_conf NAME LISTEN...
    local name=$1 address
    shift
    mkdir "$tmp/$name"
    cat <<END
user root;
daemon off;
worker_processes 1;
pid $tmp/$name/pid;
error_log $tmp/$name/error.log;
events { worker_connections 64; }
http {
    access_log off;
    server_tokens off;
    client_body_temp_path $tmp/$name/body;
    proxy_temp_path $tmp/$name/proxy;
    fastcgi_temp_path $tmp/$name/fastcgi;
    uwsgi_temp_path $tmp/$name/uwsgi;
    scgi_temp_path $tmp/$name/scgi;
    types { text/html html; text/plain txt; }
    ssl_certificate $tmp/tls.crt;
    ssl_certificate_key $tmp/tls.key;
    server {
END
    for address in "$@"; do
        echo "        listen $address:80;"
        echo "        listen $address:443 ssl http2;"
        echo "        listen $address:82;"
    done
    cat <<END
        root $tmp/www;
        location /upload { return 204; }
    }
}
END
}
nginx_conf server 203.0.113.80 '[2001:db8:2::80]' >"$tmp/server.conf"
nginx_conf far 198.51.100.10 '[2001:db8:3::10]' >"$tmp/far.conf"

# shellcheck disable=SC2054
dns=(--conf-file=/dev/null --no-daemon --user=root --pid-file= --no-resolv --no-hosts
    --no-ping --bind-interfaces --except-interface=lo
    --listen-address=203.0.113.80 --listen-address=2001:db8:2::80
    --local=/example/ --edns-packet-max=4096
    --host-record=www.example,203.0.113.80,2001:db8:2::80
    --host-record=far.example,198.51.100.10,2001:db8:3::10
    --mx-host=example,mail.example,10 --cname=alias.example,www.example)
string=$(printf 'txt%.0s' $(seq 1 65))
long=$string,$string,$string,$string
dns+=("--txt-record=big.example,$long" "--txt-record=huge.example,$long,$long,$long,$long")
for i in $(seq 1 24); do
    dns+=("--host-record=host$i.example,198.51.100.$((100 + i)),2001:db8:3::$i")
done

mkdir "$tmp/ssh"
ssh-keygen -q -t ed25519 -N '' -C server.example -f "$tmp/ssh/host"
ssh-keygen -q -t ed25519 -N '' -C client.example -f "$tmp/ssh/user"
echo "www.example $(cut -d' ' -f1,2 "$tmp/ssh/host.pub")" >"$tmp/ssh/known_hosts"
echo 'root:*:19000:0:99999:7:::' >"$tmp/ssh/shadow"
cat >"$tmp/ssh/config" <<END
ListenAddress 203.0.113.80
HostKey $tmp/ssh/host
AuthorizedKeysFile $tmp/ssh/user.pub
PidFile none
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
END

start nginx-server $SERVER nginx -p "$tmp" -c "$tmp/server.conf"
start nginx-far $FAR nginx -p "$tmp" -c "$tmp/far.conf"
start iperf3 $SERVER iperf3 -s
start echo $SERVER socat UDP4-RECVFROM:7,fork,setsockopt-int=1:11:1 PIPE
# The mounts are private to the process: its own /run and no password of anybody.
# shellcheck disable=SC2016
start sshd $SERVER sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/sshd &&
    mount --bind "$1/ssh/shadow" /etc/shadow && exec "$(command -v sshd)" -D -e -f "$1/ssh/config"' sh "$tmp"

# Duplicate address detection has to end before a server can bind to IPv6.
for _ in $(seq 1 100); do
    tentative=0
    for ns in $CLIENT $GATEWAY $SERVER $FAR; do
        [ -z "$(in_ns "$ns" ip -6 addr show tentative)" ] || tentative=1
    done
    [ $tentative = 1 ] || break
    sleep 0.1
done
start dnsmasq $SERVER dnsmasq "${dns[@]}"

await() { # await NAMESPACE PORT...
    local ns=$1 port
    shift
    for port in "$@"; do
        for _ in $(seq 1 50); do
            if in_ns "$ns" ss -Hltun "sport = :$port" | grep -q .; then
                continue 2
            fi
            sleep 0.1
        done
        cat "$tmp"/*.log >&2
        fail "nobody listens on port $port of $ns"
    done
}
await $SERVER 22 53 80 443 5201 7
await $FAR 80 443

# ------------------------------------------------------------------- captures

# capture NAME INTERFACE: nanosecond capture at the gateway
capture() {
    local _
    ip netns exec $GATEWAY tcpdump -Z root -n -U --immediate-mode -B 8192 --time-stamp-precision=nano \
        -i "$2" -w "$tmp/$1.raw" 2>"$tmp/$1.tcpdump" </dev/null &
    capturing+=($!)
    for _ in $(seq 1 50); do
        ! grep -q 'listening on' "$tmp/$1.tcpdump" || return 0
        sleep 0.1
    done
    fail "tcpdump on $2 does not start"
}

end_captures() {
    local pid
    sleep 0.5
    for pid in "${capturing[@]}"; do
        kill -TERM "$pid"
    done
    for pid in "${capturing[@]}"; do
        wait "$pid" || true
    done
    capturing=()
    cat "$tmp"/*.tcpdump >"$tmp/tcpdump.log"
    ! grep -E '^[1-9][0-9]* packets? dropped' "$tmp/tcpdump.log" ||
        fail "the capture lost packets, try again"
}

# ------------------------------------------------------------------- programs

# The source ports a program of the client may take: source ports stay the same
# from one recording to the next.
ports() {
    in_ns $CLIENT sysctl -qw "net.ipv4.ip_local_port_range=$1 ${2:-$1}"
}

# program NAMESPACE WANTED WHAT COMMAND...: one program; WANTED is its expected exit
# code, or "fail" for any but 0.  Names are asked from the sample's name server.
program() {
    local ns=$1 wanted=$2 what=$3 code=0
    shift 3
    # shellcheck disable=SC2016
    in_ns "$ns" sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$tmp/resolv.conf" "$@" \
        >"$tmp/program.log" 2>&1 <"${input:-/dev/null}" || code=$?
    if [ "$wanted" = "$code" ] || { [ "$wanted" = fail ] && [ $code != 0 ]; }; then
        printf '  %s\n' "$what"
    else
        cat "$tmp"/*.log >&2
        fail "$what: exit code $code, expected $wanted: $*"
    fi
    sleep 0.02
}
run() { program $CLIENT 0 "$@"; }
run_failing() { program $CLIENT fail "$@"; }

CURL=(curl --silent --show-error --output /dev/null --max-time 5)
TLS=(--cacert "$tmp/tls.crt")
DIG=(dig +tries=1 +time=2)
PING=(ping -n -i 0.02)
export CURL_HOME=/nonexistent HOME="$tmp"

everything() {
    local i

    echo "ping"
    run "ping the gateway" "${PING[@]}" -c 2 -e 1001 10.1.0.1
    run "ping" "${PING[@]}" -c 20 -e 1002 203.0.113.80
    run "ping, fragments" "${PING[@]}" -c 3 -e 1003 -s 3000 203.0.113.80
    run "ping, many fragments" "${PING[@]}" -c 1 -e 1004 -s 9000 203.0.113.80
    run "ping an odd length" "${PING[@]}" -c 3 -e 1005 -s 55 203.0.113.80
    run "ping the far host" "${PING[@]}" -c 3 -e 1006 198.51.100.10
    run "ping the far host, fragments" "${PING[@]}" -c 2 -e 1007 -s 3000 198.51.100.10
    run_failing "ping, time exceeded at the gateway" "${PING[@]}" -c 2 -e 1008 -t 1 -W 0.3 198.51.100.10
    run_failing "ping, time exceeded behind the gateway" "${PING[@]}" -c 2 -e 1009 -t 2 -W 0.3 198.51.100.10
    run_failing "ping, no route behind the gateway" "${PING[@]}" -c 1 -e 1010 -W 0.3 198.51.100.99
    run "ping IPv6" "${PING[@]}" -6 -c 10 -e 1011 2001:db8:2::80
    run "ping IPv6, fragments" "${PING[@]}" -6 -c 3 -e 1012 -s 3000 2001:db8:2::80
    run_failing "ping IPv6, time exceeded at the gateway" "${PING[@]}" -6 -c 1 -e 1013 -t 1 -W 0.3 2001:db8:3::10
    run_failing "ping IPv6, time exceeded behind the gateway" "${PING[@]}" -6 -c 1 -e 1014 -t 2 -W 0.3 2001:db8:3::10

    echo "DNS"
    for i in $(seq 1 24); do
        run "dig A $i" "${DIG[@]}" -b "10.1.0.2#$((41000 + i))" @203.0.113.80 "host$i.example" A
    done
    for i in $(seq 1 8); do
        run "dig AAAA $i" "${DIG[@]}" -b "10.1.0.2#$((41100 + i))" @203.0.113.80 "host$i.example" AAAA
    done
    run "dig MX" "${DIG[@]}" -b '10.1.0.2#41201' @203.0.113.80 example MX
    run "dig CNAME" "${DIG[@]}" -b '10.1.0.2#41202' @203.0.113.80 alias.example A
    run "dig PTR" "${DIG[@]}" -b '10.1.0.2#41203' @203.0.113.80 -x 203.0.113.80
    run "dig NXDOMAIN" "${DIG[@]}" -b '10.1.0.2#41204' @203.0.113.80 nowhere.example A
    run "dig truncated, again over TCP" "${DIG[@]}" +noedns -b '10.1.0.2#41205' @203.0.113.80 big.example TXT
    run "dig, a fragmented UDP answer" "${DIG[@]}" +bufsize=4096 -b '10.1.0.2#41206' @203.0.113.80 huge.example TXT
    run "dig over TCP" "${DIG[@]}" +tcp -b '10.1.0.2#41207' @203.0.113.80 www.example A
    run "dig over IPv6" "${DIG[@]}" -b '2001:db8:1::2#41208' @2001:db8:2::80 www.example AAAA
    run "dig over IPv6, a fragmented UDP answer" "${DIG[@]}" +bufsize=4096 -b '2001:db8:1::2#41209' @2001:db8:2::80 huge.example TXT

    echo "HTTP"
    ports 42000 42009
    run "curl, one page" "${CURL[@]}" --local-port 42010 http://www.example/
    run "curl, 8 KB" "${CURL[@]}" --local-port 42011 http://203.0.113.80/page.txt
    run "curl, 30 requests on one connection" "${CURL[@]}" -4 --local-port 42012 'http://203.0.113.80/item[1-30].txt'
    run "curl, 8 connections at once" "${CURL[@]}" -4 --local-port 42020-42039 --parallel --parallel-immediate \
        'http://203.0.113.80/item[1-8].txt'
    run "curl, not found" "${CURL[@]}" -4 --local-port 42013 http://203.0.113.80/nothing
    run "curl, TLS 1.3, HTTP/2" "${CURL[@]}" "${TLS[@]}" -4 --local-port 42014 'https://www.example/item[1-10].txt'
    run "curl, TLS 1.2, HTTP/1.1" "${CURL[@]}" "${TLS[@]}" -4 --http1.1 --tls-max 1.2 --local-port 42015 https://www.example/page.txt
    run "curl, IPv6" "${CURL[@]}" -6 --local-port 42016 http://www.example/page.txt
    run "curl, IPv6, TLS" "${CURL[@]}" "${TLS[@]}" -6 --local-port 42017 https://www.example/
    # The path to the far host is found to be narrower: "fragmentation needed".
    run "curl, upload, fragmentation needed" "${CURL[@]}" -4 --local-port 42018 --data-binary "@$tmp/upload.txt" http://198.51.100.10/upload
    run "curl, IPv6, upload, packet too big" "${CURL[@]}" -6 --local-port 42019 --data-binary "@$tmp/upload.txt" 'http://[2001:db8:3::10]/upload'
    in_ns $CLIENT ip route flush cache
    in_ns $CLIENT ip -6 route flush cache
    run_failing "ping, fragmentation needed" "${PING[@]}" -c 1 -e 1015 -M "do" -s 1472 -W 0.3 198.51.100.10
    run_failing "ping IPv6, packet too big" "${PING[@]}" -6 -c 1 -e 1016 -M "do" -s 1452 -W 0.3 2001:db8:3::10
    in_ns $CLIENT ip route flush cache
    in_ns $CLIENT ip -6 route flush cache

    echo "ways through the network"
    ports 43000
    run "tracepath" tracepath -n 198.51.100.10
    run "tracepath, IPv6" tracepath -6 -n 2001:db8:3::10
    run "traceroute" traceroute -n -q 2 -N 1 -w 1 -m 5 --sport=43001 198.51.100.10
    run "traceroute, TCP" traceroute -n -q 1 -N 1 -w 1 -m 5 -T -p 80 --sport=43002 198.51.100.10
    run "traceroute, IPv6" traceroute -6 -n -q 1 -N 1 -w 1 -m 5 --sport=43003 2001:db8:3::10

    echo "closed, silent and abandoned"
    ports 43010
    # shellcheck disable=SC2016
    run "UDP to a closed port" bash -c 'for i in 1 2 3; do echo "datagram $i" >/dev/udp/203.0.113.80/9999; sleep 0.05; done'
    run "UDP, IPv6, to a closed port" bash -c 'echo "datagram" >/dev/udp/2001:db8:2::80/9999'
    run "UDP without a checksum, echoed" sh -c 'echo "no checksum" | socat -t 0.2 - UDP4:203.0.113.80:7,sourceport=43011,setsockopt-int=1:11:1'
    run "UDP of 4000 octets, echoed" sh -c "head -c 4000 $tmp/www/page.txt | socat -b 8192 -t 0.2 - UDP4:203.0.113.80:7,sourceport=43012"
    run_failing "curl, closed port" "${CURL[@]}" --local-port 43013 http://203.0.113.80:81/
    run_failing "curl, IPv6, closed port" "${CURL[@]}" --local-port 43014 'http://[2001:db8:2::80]:81/'
    run_failing "curl, silent port" "${CURL[@]}" --local-port 43015 --max-time 1.5 http://203.0.113.80:83/
    run_failing "curl, given up in the middle (RST)" "${CURL[@]}" --local-port 43016 --limit-rate 2k --max-filesize 100 http://203.0.113.80/page.txt
    ports 43017
    run "half-open connection" timeout 4 bash -c 'exec 3<>/dev/tcp/203.0.113.80/82; sleep 3.5'

    echo "iperf3"
    ports 44000
    run "iperf3, TCP, small segments" iperf3 -c 203.0.113.80 --cport 44001 -M 536 -l 2K -n 20K
    ports 44002
    run "iperf3, TCP, from the server" iperf3 -c 203.0.113.80 --cport 44003 -R -l 4K -n 16K
    ports 44004
    run "iperf3, UDP" iperf3 -c 203.0.113.80 --cport 44005 -u -b 8M -l 100 -n 20K
    ports 44006
    run "iperf3, UDP, from the server" iperf3 -c 203.0.113.80 --cport 44007 -u -R -b 8M -l 100 -n 15K
    ports 44008
    run "iperf3, IPv6, TCP" iperf3 -6 -c 2001:db8:2::80 --cport 44009 -l 4K -n 12K

    echo "ssh"
    ports 45000
    cat >"$tmp/typed" <<'END'
cd /
echo hello from the client
seq 1 20
uname -s
exit
END
    # shellcheck disable=SC2016
    run "ssh" sh -c 'while read -r line; do sleep 0.1; printf "%s\n" "$line"; done <"$0/typed" |
        ssh -F /dev/null -T -i "$0/ssh/user" -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
            -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$0/ssh/known_hosts" root@www.example sh' "$tmp"

    echo "from outside"
    program $SERVER 0 "ping the gateway" "${PING[@]}" -c 2 -e 2001 203.0.113.1
    program $SERVER fail "TCP to a closed port of the gateway" "${CURL[@]}" --local-port 46000 http://203.0.113.1:8080/
    program $SERVER 0 "UDP to a closed port of the gateway" \
        sh -c 'echo datagram | socat -t 0.2 - UDP4:203.0.113.1:5000,sourceport=46001 || true'
    program $SERVER 0 "ping the client, IPv6" "${PING[@]}" -6 -c 3 -e 2002 2001:db8:1::2
    program $SERVER fail "TCP to a closed port of the client, IPv6" "${CURL[@]}" --local-port 46002 'http://[2001:db8:1::2]:8080/'
}

# The TAPs carry the MAC address of their link, like VLAN sub-interfaces.
vlans() {
    echo "VLANs"
    start vlan-client $CLIENT python3 "$here/vlan-tap.py" eth0 vlan10=8100:10:3 qinq=88a8:100:5,8100:20:0
    start vlan-gateway $GATEWAY python3 "$here/vlan-tap.py" inside vlan10=8100:10:3 qinq=88a8:100:5,8100:20:0
    local ns host mac link
    for ns in $CLIENT $GATEWAY; do
        host=2 mac=02:00:00:00:01:02
        [ "$ns" = $CLIENT ] || host=1 mac=02:00:00:00:01:01
        for link in "vlan10 10" "qinq 20"; do
            # shellcheck disable=SC2086
            set -- $link
            for _ in $(seq 1 50); do
                ! in_ns "$ns" ip link show "$1" >/dev/null 2>&1 || break
                sleep 0.1
            done
            # 1496: room for the second tag within the 1522 octets veth takes
            in_ns "$ns" ip link set "$1" address $mac mtu 1496 up
            in_ns "$ns" ip addr add "10.$2.0.$host/24" dev "$1"
            in_ns "$ns" ip addr add "2001:db8:$2::$host/64" dev "$1" nodad
        done
    done
    in_ns $CLIENT ip route add 203.0.113.0/24 via 10.10.0.1
    in_ns $CLIENT ip route add 198.51.100.0/24 via 10.20.0.1
    sleep 1
    capture vlan inside
    run "VLAN: ping the gateway" "${PING[@]}" -c 3 -e 3001 10.10.0.1
    run "VLAN: ping" "${PING[@]}" -c 5 -e 3002 203.0.113.80
    run "VLAN: ping, fragments" "${PING[@]}" -c 2 -e 3003 -s 3000 203.0.113.80
    run "VLAN: ping IPv6" "${PING[@]}" -6 -c 3 -e 3004 2001:db8:10::1
    run "VLAN: dig" "${DIG[@]}" -b '10.10.0.2#47001' @203.0.113.80 www.example A
    run "VLAN: curl" "${CURL[@]}" --local-port 47002 http://203.0.113.80/page.txt
    run "QinQ: ping the gateway" "${PING[@]}" -c 3 -e 3005 10.20.0.1
    run "QinQ: ping" "${PING[@]}" -c 5 -e 3006 198.51.100.10
    run "QinQ: ping IPv6" "${PING[@]}" -6 -c 3 -e 3007 2001:db8:20::1
    run "QinQ: curl" "${CURL[@]}" --local-port 47003 http://198.51.100.10/item30.txt
    end_captures
}

capture inside inside
capture outside outside
everything
end_captures
vlans

mkdir -p "$out"
python3 "$here/captures.py" "$tmp/inside.raw" "$tmp/outside.raw" \
    02:00:00:00:01:01,02:00:00:00:02:01 "$out"
editcap -F pcap "$tmp/vlan.raw" "$out/vlan.pcap"
check
