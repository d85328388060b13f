# SPDX-License-Identifier: BSD-2-Clause
"""An embedded host that serves one port to QEMU, and whose rings and CSB belong to the test."""

import array
import fcntl
import mmap
import os
import select
import socket
import struct
import threading

MAGIC = 0x4D4E5450
VERSION = 1
HELLO, RELEASE, OPEN_CSB, START, STOP = 1, 3, 6, 7, 8
REPLY = 0x8000
HEADER = struct.Struct("<IHHII")

F_ADD_SEALS, F_SEAL_SHRINK, F_SEAL_GROW = 1033, 2, 4
CSB_SIZE, CSB_HOST, CSB_BLOCK = 8192, 4096, 64
NS_BUF_CHANGED, NS_MOREFRAG = 0x1, 0x20
RING_HEADER, SLOT = 256, 16


def sealed_memfd(name, size):
    fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    fcntl.fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW)
    return fd


class Region:
    """Shared memory with the three pools; ports take their netmap_if, rings and buffers from it in turn."""

    IFS, RINGS, BUFFERS = (4, 1024), (64, 8192), (2048, 2048)

    def __init__(self):
        self.pools, offset = [], 0
        for objects, size in (self.IFS, self.RINGS, self.BUFFERS):
            self.pools.append((offset, objects, size))
            offset += objects * size
        self.size = offset
        self.fd = sealed_memfd("region", self.size)
        self.memory = mmap.mmap(self.fd, self.size)
        self.next_if, self.next_ring, self.next_buffer = 0, 0, 2

    def new_ring(self, slots):
        offset = self.pools[1][0] + self.next_ring * self.RINGS[1]
        self.next_ring += 1
        for i in range(slots):
            struct.pack_into("<IHHQ", self.memory, offset + RING_HEADER + i * SLOT, self.next_buffer, 2048, 0, 0)
            self.next_buffer += 1
        return offset

    def new_if(self, tx, rx, slots):
        """Returns the offset of a netmap_if and those of its rings, transmit rings first."""
        offset = self.next_if * self.IFS[1]
        self.next_if += 1
        rings = [self.new_ring(slots) for _ in range(tx + rx)]
        relative = [ring - offset for ring in rings]
        table = relative[:tx] + [0] + relative[tx:] + [0]
        struct.pack_into("<16sIIIIIII", self.memory, offset, b"fake", 1, 0, tx, rx, 0, 1, 1)
        struct.pack_into("<%dq" % len(table), self.memory, offset + 56, *table)
        return offset, rings

    def buffer(self, index):
        return self.pools[2][0] + index * self.BUFFERS[1]


class Ring:
    """One ring as the host sees it. Receive rings are filled by deliver(), transmit rings read by collect()."""

    def __init__(self, host, number, offset, slots):
        self.host, self.number, self.offset, self.slots = host, number, offset, slots
        self.transmit = number < host.tx_rings
        self.hwcur = 0
        self.hwtail = slots - 1 if self.transmit else 0

    def slot(self, i):
        return self.offset + RING_HEADER + i * SLOT

    def user(self, word):
        return struct.unpack_from("<I", self.host.csb, self.number * CSB_BLOCK + 4 * word)[0]

    def set_user(self, word, value):
        struct.pack_into("<I", self.host.csb, self.number * CSB_BLOCK + 4 * word, value & 0xFFFFFFFF)

    def publish(self):
        struct.pack_into("<II", self.host.csb, CSB_HOST + self.number * CSB_BLOCK, self.hwcur, self.hwtail)

    def fill_csb(self):
        struct.pack_into("<IIII", self.host.csb, self.number * CSB_BLOCK, self.hwcur, self.hwcur, 1, 0)
        struct.pack_into("<III", self.host.csb, CSB_HOST + self.number * CSB_BLOCK, self.hwcur, self.hwtail, 1)

    def interrupt(self):
        os.write(self.host.irqs[self.number], struct.pack("<Q", 1))

    def kicks(self):
        """How often the doorbell has been rung since the last call."""
        try:
            return struct.unpack("<Q", os.read(self.host.kicks[self.number], 8))[0]
        except BlockingIOError:
            return 0

    def wait_kick(self, seconds=5):
        return bool(select.select([self.host.kicks[self.number]], [], [], seconds)[0]) and self.kicks() > 0

    def deliver(self, frame, parts=1):
        """Puts a frame into as many slots and tells the user."""
        memory, length = self.host.region.memory, -(-len(frame) // parts)
        pieces = [frame[i : i + length] for i in range(0, len(frame), length)]
        for n, piece in enumerate(pieces):
            slot = self.slot(self.hwtail)
            index = struct.unpack_from("<I", memory, slot)[0]
            start = self.host.region.buffer(index)
            memory[start : start + len(piece)] = piece
            more = NS_MOREFRAG if n < len(pieces) - 1 else 0
            struct.pack_into("<HH", memory, slot + 4, len(piece), more)
            self.hwtail = (self.hwtail + 1) % self.slots
        self.publish()
        self.interrupt()

    def collect_released(self):
        """Takes back the slots of a receive ring that the user has released."""
        self.hwcur = self.user(0)
        self.publish()

    def collect(self):
        """Takes what the user has published, as a list of frames, and gives the slots back."""
        memory, frames, frame = self.host.region.memory, [], b""
        head = self.user(0)
        while self.hwcur != head:
            index, length, flags = struct.unpack_from("<IHH", memory, self.slot(self.hwcur))
            start = self.host.region.buffer(index)
            frame += memory[start : start + length]
            if not flags & NS_MOREFRAG:
                frames.append(frame)
                frame = b""
            self.hwcur = (self.hwcur + 1) % self.slots
            self.hwtail = (self.hwtail + 1) % self.slots
        self.publish()
        return frames


class FakeHost:
    """Serves the socket on a thread until close()."""

    def __init__(self, path, tx=1, rx=1, slots=32, region=None, version=VERSION, refusals=None, grant=None):
        self.path, self.tx_rings, self.rx_rings, self.version = path, tx, rx, version
        self.refusals, self.refuse_once = refusals or {}, {}
        self.change_grant = grant or (lambda body: body)
        self.region = region or Region()
        self.nifp, offsets = self.region.new_if(tx, rx, slots)
        self.csb_fd = sealed_memfd("csb", CSB_SIZE)
        self.csb = mmap.mmap(self.csb_fd, CSB_SIZE)
        count = tx + rx
        self.kicks = [os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) for _ in range(count)]
        self.irqs = [os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) for _ in range(count)]
        self.rings = [Ring(self, i, offset, slots) for i, offset in enumerate(offsets)]
        self.slots = slots
        self.requests, self.names, self.running = [], [], False
        self.connection = None
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.server.bind(path)
        self.server.listen()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def tx(self):
        return self.rings[0]

    @property
    def rx(self):
        return self.rings[self.tx_rings]

    def serve(self):
        try:
            self.connection, _ = self.server.accept()
            while message := self.connection.recv(65536):
                self.answer(message)
        except OSError:
            pass

    def answer(self, message):
        _, version, kind, sequence, _ = HEADER.unpack_from(message)
        self.requests.append(kind)
        error, text = self.refuse_once.pop(kind, None) or self.refusals.get(kind, (0, ""))
        body, fds = text.encode(), []
        if not error:
            body, fds = {
                HELLO: lambda: (struct.pack("<I", 0), []),
                OPEN_CSB: lambda: self.open(message[HEADER.size :]),
                START: lambda: self.start(),
                STOP: lambda: self.stop(),
            }[kind]()
        header = HEADER.pack(MAGIC, self.version, kind | REPLY, sequence, error)
        socket.send_fds(self.connection, [header + body], fds)

    def open(self, request):
        self.names.append(request[:64].rstrip(b"\0").decode())
        pools = b"".join(struct.pack("<QII", *pool) for pool in self.region.pools)
        grant = struct.pack("<IIQ", 9, self.region.BUFFERS[0], self.region.size)
        grant += struct.pack("<QQ", self.nifp, self.region.size)
        grant += struct.pack("<8I", self.slots, self.slots, self.tx_rings, self.rx_rings, 0, 0, 1, 0)
        grant += struct.pack("<QII", self.region.size, 1, 0) + pools
        grant += struct.pack("<II", CSB_SIZE, 0)
        events = [fd for pair in zip(self.kicks, self.irqs) for fd in pair]
        return self.change_grant(grant), [self.region.fd, self.csb_fd] + events

    def start(self):
        for ring in self.rings:
            ring.fill_csb()
        self.running = True
        return b"", []

    def stop(self):
        self.running = False
        return b"", []

    def die(self):
        """What a host's death looks like to its clients."""
        self.connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self.connection:
            self.connection.close()
        self.server.close()
        os.unlink(self.path)
