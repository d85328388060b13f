#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds gateway-out.pcapng against gateway-in.pcapng.

Usage: check.py DIRECTORY

For every IP datagram the gateway received it works out what a NAT that keeps
all source ports and ICMP identifiers has to send, and looks for exactly that
among what the gateway sent: hop count one less, the one address replaced (also
inside ICMP errors), every other octet the same, but for the checksums, which
tshark judges.  IPv4 fragments are put together first, on both sides.
Ends with 1 if a datagram is missing, changed or comes from nowhere.
Only the standard library is used.
"""
import collections
import ipaddress
import os
import struct
import sys

INSIDE = ipaddress.ip_network("10.1.0.0/24")
V4_INSIDE, V4_OUTSIDE = bytes([10, 1, 0, 1]), bytes([203, 0, 113, 1])
V6_INSIDE = ipaddress.ip_network("2001:db8:1::/64")
V6_OUTSIDE = [ipaddress.ip_network(n) for n in ("2001:db8:2::/64", "2001:db8:3::/64")]
V6_GATEWAY = [ipaddress.ip_address(a).packed for a in ("2001:db8:1::1", "2001:db8:2::1")]
ICMP, TCP, UDP = 1, 6, 17
ICMP_ERRORS = (3, 4, 5, 11, 12)


def read_pcapng(name):
    """List of (interface name, time in ns, frame)."""
    with open(name, "rb") as file:
        data = file.read()
    names, frames, at = [], [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + length - 4]
        if kind == 1:
            code, size = struct.unpack_from("<HH", body, 8)
            assert code == 2, "if_name comes first"
            names.append(body[12:12 + size].decode())
        elif kind == 6:
            number, high, low, kept = struct.unpack_from("<IIII", body)
            frames.append((names[number], high << 32 | low, body[20:20 + kept]))
        at += length
    return frames


class V4:
    def __init__(self, packet):
        self.header = packet[:(packet[0] & 15) * 4]
        self.ident, fragment = struct.unpack_from("!HH", packet, 4)
        self.offset, self.more = (fragment & 0x1FFF) * 8, bool(fragment & 0x2000)
        self.df = bool(fragment & 0x4000)
        self.ttl, self.proto = packet[8], packet[9]
        self.src, self.dst = packet[12:16], packet[16:20]
        self.payload = packet[len(self.header):struct.unpack_from("!H", packet, 2)[0]]
        self.pieces = 1


def datagrams(frames):
    """The datagrams of a list of frames, IPv4 fragments put together."""
    result, waiting = [], {}
    other = collections.Counter()
    for interface, _, frame in frames:
        kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
        if kind == 0x0800:
            ip = V4(packet)
            if ip.more or ip.offset:
                key = (interface, ip.src, ip.dst, ip.proto, ip.ident)
                waiting.setdefault(key, []).append(ip)
                pieces = sorted(waiting[key], key=lambda piece: piece.offset)
                end = 0
                for piece in pieces:
                    if piece.offset != end:
                        break
                    end += len(piece.payload)
                else:
                    if not pieces[-1].more:
                        del waiting[key]
                        ip = pieces[0]
                        ip.payload = b"".join(piece.payload for piece in pieces)
                        ip.pieces = len(pieces)
                        result.append((interface, ip))
            else:
                result.append((interface, ip))
        elif kind == 0x86DD:
            length = struct.unpack_from("!H", packet, 4)[0]
            result.append((interface, packet[:40 + length]))
        else:
            other["ARP" if kind == 0x0806 else hex(kind)] += 1
    if waiting:
        sys.exit("unfinished fragments: %s" % list(waiting))
    return result, other


def without_checksum(proto, payload):
    at = {TCP: 16, UDP: 6, ICMP: 2}.get(proto)
    if at is None or len(payload) < at + 2:
        return payload
    if proto == UDP and payload[6:8] == b"\0\0":
        return payload          # "no checksum" has to stay "no checksum"
    return payload[:at] + b"\xff\xff" + payload[at + 2:]


def flow(proto, near, far, payload, outwards):
    """The translated flow of a payload; outwards: its source is the near side."""
    if proto in (TCP, UDP):
        source, target = struct.unpack_from("!HH", payload)
        return (proto, near, far) + ((source, target) if outwards else (target, source))
    if proto == ICMP and payload[0] in (0, 8):
        return proto, near, far, struct.unpack_from("!H", payload, 4)[0]
    return None


def inner(payload, old, new, at):
    """An ICMP error with the quoted address at offset `at` replaced, checksums off."""
    quoted = bytearray(payload[8:])
    if quoted[at:at + 4] != old:
        return None
    quoted[at:at + 4] = new
    quoted[10:12] = b"\xff\xff"
    head = (quoted[0] & 15) * 4
    return payload[:2] + b"\xff\xff" + payload[4:8] + bytes(quoted[:head]) + \
        without_checksum(quoted[9], bytes(quoted[head:]))


def v4_text(ip):
    return "IPv4 %s > %s proto %d ttl %d id %d" % (
        ipaddress.ip_address(ip.src), ipaddress.ip_address(ip.dst), ip.proto, ip.ttl, ip.ident)


def v4_entry(interface, src, dst, ttl, ip, payload):
    return (interface, ip.header[1], ip.ident, ip.df, ttl, ip.proto, src, dst, payload)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    directory = sys.argv[1]
    arrived_frames = read_pcapng(os.path.join(directory, "gateway-in.pcapng"))
    sent_frames = read_pcapng(os.path.join(directory, "gateway-out.pcapng"))
    for name, frames in (("in", arrived_frames), ("out", sent_frames)):
        if any(a[1] > b[1] for a, b in zip(frames, frames[1:])):
            sys.exit("gateway-%s.pcapng: not in the order of time" % name)
    arrived, other_in = datagrams(arrived_frames)
    sent, other_out = datagrams(sent_frames)

    pool = collections.Counter()
    texts = {}
    for interface, ip in sent:
        if isinstance(ip, V4):
            payload = ip.payload
            if ip.proto == ICMP and payload[0] in ICMP_ERRORS:
                payload = inner(payload, payload[20:24], payload[20:24], 12)
            else:
                payload = without_checksum(ip.proto, payload)
            entry = v4_entry(interface, ip.src, ip.dst, ip.ttl, ip, payload)
            texts[entry] = interface + " " + v4_text(ip)
        else:
            entry = (interface, ip)
            texts[entry] = "%s IPv6 %s > %s next %d" % (
                interface, ipaddress.ip_address(ip[8:24]), ipaddress.ip_address(ip[24:40]), ip[6])
        pool[entry] += 1

    counts, own, problems = collections.Counter(), collections.Counter(), []
    flows, clients, reshaped = set(), {}, collections.Counter()

    def expect(what, entry, text):
        if pool[entry]:
            pool[entry] -= 1
            counts[what] += 1
        else:
            problems.append("not sent on: " + text)

    for interface, ip in arrived:
        if not isinstance(ip, V4):
            src, dst = (ipaddress.ip_address(ip[8:24]), ipaddress.ip_address(ip[24:40]))
            if dst.is_multicast or dst.is_link_local or dst.packed in V6_GATEWAY:
                own["IPv6 to the gateway itself or to a group (neighbour discovery, ...)"] += 1
            elif ip[7] <= 1:
                own["hop limit used up"] += 1
            else:
                forward = ip[:7] + bytes([ip[7] - 1]) + ip[8:]
                to = "inside" if dst in V6_INSIDE else "outside"
                expect("IPv6 " + ("inwards" if to == "inside" else "outwards"), (to, forward),
                       "IPv6 %s > %s" % (src, dst))
            continue
        text = v4_text(ip)
        error = ip.proto == ICMP and ip.payload[0] in ICMP_ERRORS
        if ip.pieces > 1:
            reshaped[interface + " in"] += ip.pieces
        if interface == "inside":
            if ip.dst in (V4_INSIDE, V4_OUTSIDE):
                own["IPv4 to the gateway itself, from inside"] += 1
            elif ip.ttl <= 1:
                own["TTL used up"] += 1
            else:
                if error:
                    payload = inner(ip.payload, ip.src, V4_OUTSIDE, 16)
                else:
                    payload = without_checksum(ip.proto, ip.payload)
                    key = flow(ip.proto, V4_OUTSIDE, ip.dst, ip.payload, True)
                    flows.add(key)
                    if clients.setdefault(key, ip.src) != ip.src:
                        problems.append("two clients in one flow: " + text)
                expect("IPv4 outwards", v4_entry("outside", V4_OUTSIDE, ip.dst, ip.ttl - 1,
                                                 ip, payload), text)
            continue
        if error:
            quoted = V4(ip.payload[8:])
            key = flow(quoted.proto, quoted.src, quoted.dst, quoted.payload, True)
        else:
            key = flow(ip.proto, ip.dst, ip.src, ip.payload, False)
        if key not in clients:
            own["IPv4 to the gateway itself, from outside"] += 1
            continue
        client = clients[key]
        payload = inner(ip.payload, V4_OUTSIDE, client, 12) if error else \
            without_checksum(ip.proto, ip.payload)
        expect("IPv4 inwards" + (", ICMP errors" if error else ""),
               v4_entry("inside", ip.src, client, ip.ttl - 1, ip, payload), text)

    gateway = collections.Counter()
    for entry, left in pool.items():
        if left:
            text = texts[entry]
            src = text.split(" ")[2]
            if src in ("10.1.0.1", "203.0.113.1", "2001:db8:1::1", "2001:db8:2::1") \
                    or src.startswith("fe80:") or src == "::":
                gateway["of the gateway itself: " + " ".join(text.split(" ")[:2])
                        + " from " + src] += left
                if len(entry) > 2 and entry[5] != ICMP and src != "203.0.113.1":
                    problems.append("sent, but never received: " + text)
            else:
                problems.append("sent, but never received: " + text)

    print("gateway-in: %d frames, gateway-out: %d frames" % (len(arrived_frames), len(sent_frames)))
    for title, counter in (("sent on as expected", counts), ("received for the gateway", own),
                           ("received, not IP", other_in), ("sent", gateway),
                           ("sent, not IP", other_out)):
        for what, count in sorted(counter.items()):
            print("  %-70s %5d" % (title + ": " + what, count))
    print("  %-70s %5d" % ("translated flows, all with their source port or ICMP identifier",
                           len(flows)))
    for name, frames in (("in", arrived_frames), ("out", sent_frames)):
        v4 = [(i, V4(f[14:])) for i, _, f in frames if f[12:14] == b"\x08\0"]
        for link in ("inside", "outside"):
            sizes = [14 + len(ip.header) + len(ip.payload) for i, ip in v4
                     if i == link and (ip.more or ip.offset)]
            print("  %-70s %5d" % ("IPv4 fragments, gateway-%s, %s" % (name, link), len(sizes)))
    for problem in problems[:50]:
        print("PROBLEM: " + problem)
    print("consistent" if not problems else "%d problems" % len(problems))
    sys.exit(1 if problems else 0)


main()
