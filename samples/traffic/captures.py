#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the capture files of record.sh out of what tcpdump wrote.

Usage: captures.py INSIDE.pcap OUTSIDE.pcap GATEWAY-MAC,GATEWAY-MAC DIRECTORY

INSIDE and OUTSIDE are classic nanosecond captures of the two links of the
gateway.  A frame whose source is one of the GATEWAY-MACs was sent by the
gateway, any other frame was received by it.  Only the standard library is used.
"""
import os
import struct
import sys

NANO, MICRO = 0xA1B23C4D, 0xA1B2C3D4
SNAPLEN = 65535
ETHERNET = 1
INBOUND, OUTBOUND = 1, 2


def read_pcap(name):
    """Classic nanosecond capture: list of (time in ns, frame), in time order."""
    with open(name, "rb") as file:
        data = file.read()
    order = "<" if struct.unpack_from("<I", data)[0] == NANO else ">"
    magic, link = struct.unpack_from(order + "I16xI", data)
    if magic != NANO or link & 0xFFFF != ETHERNET:
        sys.exit("%s: no nanosecond capture of Ethernet" % name)
    frames, at = [], 24
    while at + 16 <= len(data):
        sec, nsec, kept, length = struct.unpack_from(order + "IIII", data, at)
        if kept != length or at + 16 + kept > len(data):
            sys.exit("%s: cut frame at offset %d" % (name, at))
        frames.append((sec * 10**9 + nsec, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    frames.sort(key=lambda frame: frame[0])
    return frames


def write_pcap(name, frames, magic):
    unit = 1 if magic == NANO else 1000
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, SNAPLEN, ETHERNET))
        for time, frame in frames:
            file.write(struct.pack("<IIII", time // 10**9, time % 10**9 // unit,
                                   len(frame), len(frame)) + frame)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def write_pcapng(name, interfaces, frames, direction):
    """frames: list of (time in ns, number of the interface, frame)."""
    end = option(0, b"")
    with open(name, "wb") as file:
        file.write(block(0x0A0D0D0A,
                         struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
                         + option(4, b"record.sh") + end))
        for interface in interfaces:
            file.write(block(1, struct.pack("<HHI", ETHERNET, 0, SNAPLEN)
                             + option(2, interface.encode())
                             + option(9, b"\x09") + end))
        for time, interface, frame in frames:
            file.write(block(6, struct.pack("<IIIII", interface, time >> 32,
                                            time & 0xFFFFFFFF, len(frame), len(frame))
                             + frame + bytes(-len(frame) % 4)
                             + option(2, struct.pack("<I", direction)) + end))


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    links = [read_pcap(sys.argv[1]), read_pcap(sys.argv[2])]
    gateway = [bytes.fromhex(mac.replace(":", "")) for mac in sys.argv[3].split(",")]
    directory = sys.argv[4]
    merged = sorted(((time, number, frame) for number, link in enumerate(links)
                     for time, frame in link), key=lambda entry: entry[:2])
    names = ("inside", "outside")
    write_pcapng(os.path.join(directory, "gateway-in.pcapng"), names,
                 [f for f in merged if f[2][6:12] not in gateway], INBOUND)
    write_pcapng(os.path.join(directory, "gateway-out.pcapng"), names,
                 [f for f in merged if f[2][6:12] in gateway], OUTBOUND)
    write_pcap(os.path.join(directory, "inside.pcap"), links[0], MICRO)
    write_pcap(os.path.join(directory, "outside.pcap"), links[1], NANO)


main()
