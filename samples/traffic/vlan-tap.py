#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""VLAN sub-interfaces in user space, for kernels without the 8021q module.

Usage: vlan-tap.py LINK NAME=TAG[,TAG] [NAME=TAG[,TAG] ...]

Makes one TAP interface per NAME and relays between it and LINK.  A frame sent
on the TAP leaves LINK with the given tags in front of its EtherType, outermost
tag first; a frame that arrives on LINK with exactly these VLAN identifiers
appears on the TAP without them.  A TAG is TPID:VID:PCP, TPID in hexadecimal,
for instance 8100:10:3.  The TAPs vanish with this process.
"""
import fcntl
import selectors
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_AUXDATA = 263, 8
PACKET_OUTGOING = 4
VLAN_VALID, VLAN_TPID_VALID = 1 << 4, 1 << 6
VLAN_TPIDS = (0x8100, 0x88A8)


def parse(spec):
    name, tags = spec.split("=")
    stack = []
    for tag in tags.split(","):
        tpid, vid, pcp = tag.split(":")
        stack.append((int(tpid, 16), int(vid), int(pcp)))
    return name, stack


def open_tap(name):
    tap = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(tap, TUNSETIFF,
                struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def read_link(link):
    """One frame from the link, the tag the kernel took off put back."""
    frame, ancillary, _, address = link.recvmsg(65536, 256)
    if address[2] == PACKET_OUTGOING:
        return None
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & VLAN_VALID:
                if not status & VLAN_TPID_VALID:
                    tpid = 0x8100
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def untag(frame):
    """The identifiers of the tags of a frame, and the frame without them."""
    key, at = [], 12
    while len(frame) >= at + 4:
        tpid, tci = struct.unpack_from("!HH", frame, at)
        if tpid not in VLAN_TPIDS:
            break
        key.append((tpid, tci & 0xFFF))
        at += 4
    return tuple(key), frame[:12] + frame[at:]


def main():
    if len(sys.argv) < 3 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    link.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    link.bind((sys.argv[1], ETH_P_ALL))
    select = selectors.DefaultSelector()
    select.register(link, selectors.EVENT_READ)
    taps = {}
    for spec in sys.argv[2:]:
        name, stack = parse(spec)
        tap = open_tap(name)
        header = b"".join(struct.pack("!HH", tpid, pcp << 13 | vid)
                          for tpid, vid, pcp in stack)
        taps[tuple((tpid, vid) for tpid, vid, _ in stack)] = tap
        select.register(tap, selectors.EVENT_READ, header)
    while True:
        for key, _ in select.select():
            try:
                if key.data is None:
                    frame = read_link(link)
                    if frame is not None:
                        tags, plain = untag(frame)
                        if tags in taps:
                            taps[tags].write(plain)
                else:
                    frame = key.fileobj.read(65536)
                    link.send(frame[:12] + key.data + frame[12:])
            except OSError as problem:  # an interface that is not up yet
                print("vlan-tap: %s" % problem, file=sys.stderr)


main()
