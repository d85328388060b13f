# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU whose vCPUs are the test: memory, ports and interrupts by the qtest protocol, the rest by QMP."""

import json
import os
import select
import socket
import struct
import subprocess
import time

RAM = 64 << 20


class Gone(Exception):
    """QEMU has ended, which no guest may bring about."""


class Qemu:
    PROCESSOR = ["-accel", "qtest", "-qtest", "stdio", "-qtest-log", "none"]

    def __init__(self, binary, directory, arguments, machine="q35", wait=True, environment=None, pass_fds=()):
        self.errors = os.path.join(directory, "stderr")
        server = socket.socket(socket.AF_UNIX)
        command = [binary, "-machine", machine, "-m", "64", "-nodefaults", "-display", "none"]
        command += self.PROCESSOR + arguments
        if wait:
            qmp = os.path.join(directory, "qmp")
            server.bind(qmp)
            server.listen()
            command += ["-qmp", "unix:" + qmp]
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
                pass_fds=pass_fds,
            )
        self.connection, self.qmp, self.events, self.levels = None, None, [], {}
        if wait:
            self.accept(server)
        server.close()
        if wait:
            os.unlink(qmp)

    def accept(self, server):
        server.settimeout(0.2)
        deadline = time.monotonic() + 60
        while self.qmp is None:
            try:
                self.connection, _ = server.accept()
                self.connection.settimeout(None)
                self.qmp = self.connection.makefile("rw")
            except TimeoutError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Gone(self.stderr()) from None
        self.qmp.readline()
        self.command("qmp_capabilities")

    def stderr(self):
        with open(self.errors, encoding="utf-8", errors="replace") as errors:
            return errors.read()

    def exit(self):
        """Waits for a QEMU that is to fail; returns its exit status."""
        return self.process.wait(60)

    def close(self):
        if self.qmp:
            self.qmp.close()
            self.connection.close()
            self.qmp = None
        if self.process.poll() is None:
            self.process.terminate()
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(60)

    # QMP

    def command(self, name, /, **arguments):
        json.dump({"execute": name, "arguments": arguments}, self.qmp)
        self.qmp.write("\n")
        self.qmp.flush()
        while True:
            line = self.qmp.readline()
            if not line:
                raise Gone(self.stderr())
            answer = json.loads(line)
            if "event" in answer:
                self.events.append(answer["event"])
            elif "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
            else:
                return answer["return"]

    def wait_event(self, name, seconds=20):
        deadline = time.monotonic() + seconds
        while name not in self.events and time.monotonic() < deadline:
            self.command("query-status")
            time.sleep(0.05)
        return name in self.events

    # qtest

    def send(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Gone(self.stderr()) from None
        while True:
            answer = self.process.stdout.readline().decode().split()
            if not answer:
                raise Gone(self.stderr())
            if answer[0] == "IRQ":
                self.levels[int(answer[2])] = answer[1] == "raise"
            elif answer[0] == "OK":
                return answer[1] if len(answer) > 1 else ""
            else:
                raise RuntimeError(line + ": " + " ".join(answer))

    def write(self, address, value, size=4):
        self.send("write%s 0x%x 0x%x" % ({1: "b", 2: "w", 4: "l", 8: "q"}[size], address, value))

    def read(self, address, size=4):
        return int(self.send("read%s 0x%x" % ({1: "b", 2: "w", 4: "l", 8: "q"}[size], address)), 16)

    def write_bytes(self, address, data):
        self.send("write 0x%x 0x%x 0x%s" % (address, len(data), data.hex()))

    def read_bytes(self, address, size):
        return bytes.fromhex(self.send("read 0x%x 0x%x" % (address, size))[2:])

    def config_write(self, devfn, offset, value, size=4):
        self.send("outl 0xcf8 0x%x" % (0x80000000 | devfn << 8 | offset & ~3))
        self.send("out%s 0x%x 0x%x" % ({1: "b", 2: "w", 4: "l"}[size], 0xCFC + offset % 4, value))

    def config_read(self, devfn, offset, size=4):
        self.send("outl 0xcf8 0x%x" % (0x80000000 | devfn << 8 | offset & ~3))
        return int(self.send("in%s 0x%x" % ({1: "b", 2: "w", 4: "l"}[size], 0xCFC + offset % 4)), 16)

    def functions(self, ids):
        """The PCI functions of bus 0 with these vendor and device ids."""
        return [Function(self, slot << 3) for slot in range(32) if self.config_read(slot << 3, 0) == ids]

    def settle(self, predicate, seconds=5):
        """Lets QEMU's main loop run until something holds."""
        deadline = time.monotonic() + seconds
        while not predicate():
            if time.monotonic() > deadline:
                return False
            self.command("query-status")
            self.let_time_pass()
            time.sleep(0.005)
        return True

    def let_time_pass(self):
        self.send("clock_step 1000000")


class Unable(Exception):
    """This machine runs no such guest."""


class GuestQemu(Qemu):
    """A QEMU with a processor, on which the program of driven_guest.c does what the test says."""

    START_SECONDS = 10

    def __init__(self, binary, directory, arguments, accelerator, program, **options):
        self.PROCESSOR = ["-accel", accelerator, "-cpu", accelerator.replace("tcg", "max").replace("kvm", "kvm64")]
        self.PROCESSOR += ["-kernel", program, "-serial", "stdio"]
        try:
            super().__init__(binary, directory, arguments, **options)
        except Gone as gone:
            raise Unable(str(gone)) from None
        if not select.select([self.process.stdout], [], [], self.START_SECONDS)[0]:
            self.close()
            raise Unable("the guest does not start")
        self.process.stdout.readline()

    def let_time_pass(self):
        """It does."""


class Function:
    """A PCI function with BARs that the test has placed."""

    next_low, next_high = 0xE0000000, 0x1000000000

    def __init__(self, qemu, devfn):
        self.qemu, self.devfn, self.bars, self.sizes = qemu, devfn, {}, {}

    def config(self, offset, size=4):
        return self.qemu.config_read(self.devfn, offset, size)

    def set_config(self, offset, value, size=4):
        self.qemu.config_write(self.devfn, offset, value, size)

    def place(self):
        """Maps all memory BARs and turns on memory and bus mastering."""
        bar = 0
        while bar < 6:
            offset = 0x10 + 4 * bar
            kind = self.config(offset) & 0xF
            self.set_config(offset, 0xFFFFFFFF)
            mask, wide = self.config(offset), kind & 4 and not kind & 1
            if wide:
                self.set_config(offset + 4, 0xFFFFFFFF)
                mask |= self.config(offset + 4) << 32
            if mask and not kind & 1:
                size = (~(mask & ~0xF) & (2**64 - 1 if wide else 2**32 - 1)) + 1
                start = -(-(Function.next_high if wide else Function.next_low) // size) * size
                if wide:
                    Function.next_high = start + size
                    self.set_config(offset + 4, start >> 32)
                else:
                    Function.next_low = start + size
                self.set_config(offset, start & 0xFFFFFFFF)
                self.bars[bar], self.sizes[bar] = start, size
            bar += 2 if wide else 1
        self.set_config(4, 0x7, 2)

    def capability(self, wanted):
        offset = self.config(0x34, 1)
        while offset and self.config(offset, 1) != wanted:
            offset = self.config(offset + 1, 1)
        return offset

    def read(self, bar, offset, size=4):
        return self.qemu.read(self.bars[bar] + offset, size)

    def write(self, bar, offset, value, size=4):
        self.qemu.write(self.bars[bar] + offset, value, size)

    def enable_msix(self, vectors, target):
        """Unmasks vectors so that vector i stores i + 1 at target + 4 i, in RAM."""
        for i in range(vectors):
            for word, value in enumerate((target + 4 * i, 0, i + 1, 0)):
                self.write(2, 16 * i + 4 * word, value)
            self.qemu.write(target + 4 * i, 0)
        control = self.capability(0x11) + 2
        self.set_config(control, self.config(control, 2) | 0x8000, 2)
