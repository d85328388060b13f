# SPDX-License-Identifier: BSD-2-Clause
"""e1000-paravirt, ptnetmap-memdev and passthrough=on, against a host that the test plays. See run.sh."""

import errno
import os
import random
import socket
import struct
import tempfile
import unittest

from fake_host import HELLO, OPEN_CSB, START, STOP, FakeHost, Region
from qtest import Qemu

BINARY = os.environ["QEMU"]
MUTATIONS = int(os.environ.get("MUTATIONS", "3000"))

NIC, MEMDEV = 0x100E8086, 0x10F11AF4

CSBAL, PTFEAT, PTCTL, PTSTS, PTVER, PTICR, HOSTMEMID = 0x2830, 0x2838, 0x283C, 0x2840, 0x2844, 0x2848, 0x284C
NIFP_OFFSET, NUM_RINGS, NUM_SLOTS, PTSTATE, PTKICK = 0x2850, 0x2858, 0x2860, 0x2868, 0x2A00
CSB_BAR = 0x4
CONFIG, REGIF, UNREGIF, GET_HOSTMEMID = 1, 10, 11, 12
ORDINARY, PASSED_THROUGH, HOST_GONE = 0, 1, 2

STATUS, ICR, IMS, RCTL, TCTL = 0x0008, 0x00C0, 0x00D0, 0x0100, 0x0400
RDBAL, RDLEN, RDH, RDT = 0x2800, 0x2808, 0x2810, 0x2818  # and RDBAH at 0x2804
TDBAL, TDLEN, TDH, TDT = 0x3800, 0x3808, 0x3810, 0x3818
LINK_UP, LSC = 0x2, 0x4

MSIX_TARGET, TX_RING, RX_RING, PACKETS = 0x100000, 0x200000, 0x210000, 0x300000
DESCRIPTORS, BUFFER = 64, 2048


def frame(number, length=60):
    return (b"\xff" * 6 + b"\x02" * 6 + b"\x88\xb5" + struct.pack("<Q", number)).ljust(length, bytes([number & 0xFF]))


class DeviceTest(unittest.TestCase):
    machine = "q35"

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.hosts = []

    def host(self, **options):
        host = FakeHost(os.path.join(self.directory.name, "host%d" % len(self.hosts)), **options)
        self.hosts.append(host)
        self.addCleanup(host.close)
        return host

    def start(self, arguments, **options):
        self.qemu = Qemu(BINARY, self.directory.name, arguments, machine=self.machine, **options)
        self.addCleanup(self.stop)
        return self.qemu

    def stop(self):
        self.qemu.close()
        self.assertNotRegex(self.qemu.stderr(), "Sanitizer|runtime error|Assertion|Aborted")

    @staticmethod
    def options(host, number=0, name="netmap:a{1", device="e1000-paravirt"):
        netdev = "netmap,id=n%d,ifname=%s,passthrough=on,devname=%s" % (number, name, host.path)
        return ["-netdev", netdev, "-device", "%s,id=nic%d,netdev=n%d" % (device, number, number)]

    def boot(self, **options):
        """One NIC on one port, its BARs placed."""
        host = self.host(**options)
        self.start(self.options(host))
        return host, self.place_nic()

    def place_nic(self):
        (nic,) = self.qemu.functions(NIC)
        nic.place()
        return nic

    def control(self, nic, command):
        nic.write(0, PTCTL, command)
        return nic.read(0, PTSTS)

    def pass_through(self, nic):
        nic.write(0, PTFEAT, CSB_BAR)
        self.assertEqual(self.control(nic, REGIF), 0)
        self.assertEqual(nic.read(0, PTSTATE), PASSED_THROUGH)

    def assert_settles(self, predicate):
        self.assertTrue(self.qemu.settle(predicate), "not within 5 s; stderr: " + self.qemu.stderr())

    def assert_one_error(self, *words):
        lines = [line for line in self.qemu.stderr().splitlines() if "netmap port" in line or "ifname=" in line]
        self.assertEqual(len(lines), 1, self.qemu.stderr())
        for word in words:
            self.assertIn(word, lines[0])


class RegisterTest(DeviceTest):
    def test_identities(self):
        _, nic = self.boot()
        self.assertEqual(nic.config(0x08), 0x02000003)
        self.assertEqual(nic.config(0x2C), 0x11011AF4)
        self.assertEqual(nic.sizes, {0: 0x20000, 2: 0x1000, 4: 0x2000})
        (memdev,) = self.qemu.functions(MEMDEV)
        memdev.place()
        self.assertEqual(memdev.config(0x08) >> 16, 0xFF00)
        self.assertEqual(memdev.config(0x2C), 0x11021AF4)
        self.assertEqual(memdev.sizes, {0: 0x100, 2: 4 << 30})

    def test_the_port_is_described(self):
        host, nic = self.boot(tx=2, rx=3, slots=48)
        read = [nic.read(0, NIFP_OFFSET + 4 * i) for i in range(6)]
        self.assertEqual(read, [host.nifp, 0, 2, 3, 48, 48])
        self.assertEqual(nic.read(0, PTVER), 1)
        self.assertEqual(nic.read(0, PTSTATE), ORDINARY)

    def test_the_memdev_shows_the_region(self):
        host, nic = self.boot()
        (memdev,) = self.qemu.functions(MEMDEV)
        memdev.place()
        region = host.region
        self.assertEqual([memdev.read(0, i) for i in (0, 4, 12)], [region.size, 0, 1])
        self.assertEqual(memdev.read(0, 8), nic.read(0, HOSTMEMID))
        self.assertNotEqual(memdev.read(0, 8), 0)
        self.assertEqual([memdev.read(0, 64 + 4 * i) for i in range(9)], [word for pool in region.pools for word in pool])
        memdev.write(2, region.buffer(7), 0x12345678)
        self.assertEqual(region.memory[region.buffer(7) : region.buffer(7) + 4], b"\x78\x56\x34\x12")
        last = region.size - 4
        region.memory[last:] = b"last"
        self.assertEqual(memdev.read(2, last), int.from_bytes(b"last", "little"))
        memdev.write(2, region.size, 1)
        memdev.write(0, 0, 1)
        self.assertEqual(memdev.read(0, 0), region.size)

    def test_commands_with_a_port(self):
        host, nic = self.boot()
        memid = nic.read(0, HOSTMEMID)
        expected = dict.fromkeys(range(14), errno.EINVAL)
        expected.update({CONFIG: 0, REGIF: errno.EPROTO, UNREGIF: 0, GET_HOSTMEMID: memid})
        self.assertEqual({command: self.control(nic, command) for command in range(14)}, expected)
        nic.write(0, PTFEAT, CSB_BAR)
        expected[REGIF] = 0
        self.assertEqual({command: self.control(nic, command) for command in range(14)}, expected)
        self.assertEqual(nic.read(0, PTCTL), 13)
        self.assertEqual(host.requests, [HELLO, OPEN_CSB, START, STOP, START, STOP, START])

    def test_commands_without_a_port(self):
        self.start(["-netdev", "user,id=n0", "-device", "e1000-paravirt,netdev=n0"])
        nic = self.place_nic()
        self.assertEqual(nic.sizes, {0: 0x20000, 2: 0x1000})
        nic.write(0, PTFEAT, 0xFFFFFFFF)
        self.assertEqual([nic.read(0, i) for i in (PTVER, PTFEAT, HOSTMEMID, PTSTATE, NUM_RINGS)], [0] * 5)
        self.assertEqual({self.control(nic, command) for command in range(14)}, {errno.EINVAL})
        nic.write(0, PTKICK, 1)
        self.assertEqual(self.qemu.functions(MEMDEV), [])

    def test_features_are_agreed_anew_by_each_write(self):
        _, nic = self.boot()
        self.assertEqual(nic.read(0, PTFEAT), 0)
        for wanted, agreed in ((0x7, 0x4), (0x3, 0), (0xFFFFFFFF, 0x4), (0, 0), (0x4, 0x4)):
            nic.write(0, PTFEAT, wanted)
            self.assertEqual(nic.read(0, PTFEAT), agreed)
        self.assertEqual(self.control(nic, REGIF), 0)
        nic.write(0, PTFEAT, 0)
        self.assertEqual(nic.read(0, PTFEAT), CSB_BAR)

    def test_what_is_read_only_stays(self):
        _, nic = self.boot()
        registers = list(range(CSBAL, PTSTATE + 4, 4))
        before = [nic.read(0, i) for i in registers]
        for i in registers:
            if i not in (PTFEAT, PTCTL):
                nic.write(0, i, 0xA5A5A5A5)
        self.assertEqual([nic.read(0, i) for i in registers], before)
        self.assertEqual([nic.read(0, PTKICK + 4 * i) for i in range(32)], [0] * 32)

    def test_only_aligned_words_are_accesses(self):
        host, nic = self.boot()
        nic.write(0, PTFEAT, CSB_BAR, size=1)
        nic.write(0, PTFEAT, CSB_BAR, size=2)
        nic.write(0, PTKICK, 1, size=1)
        nic.write(0, PTKICK + 1, 1, size=2)
        self.assertEqual(nic.read(0, PTFEAT), 0)
        self.assertEqual([ring.kicks() for ring in host.rings], [0, 0])


class PassthroughTest(DeviceTest):
    def test_the_guest_becomes_the_user_and_gives_back(self):
        host, nic = self.boot()
        host.tx.hwcur = 5
        self.pass_through(nic)
        self.assertEqual(host.requests[-2:], [STOP, START])
        self.assertEqual([nic.read(4, i) for i in (0, 4, 8)], [5, 5, 1])
        self.assertEqual([nic.read(4, 4096 + i) for i in (0, 4, 8)], [5, host.slots - 1, 1])
        self.assertEqual(self.control(nic, REGIF), 0)
        self.assertEqual(host.requests[-2:], [STOP, START])
        count = len(host.requests)
        self.assertEqual(self.control(nic, UNREGIF), 0)
        self.assertEqual(nic.read(0, PTSTATE), ORDINARY)
        self.assertEqual(self.control(nic, UNREGIF), 0)
        self.assertEqual(host.requests[count:], [STOP, START])

    def test_the_guest_writes_its_half_of_the_csb_only(self):
        host, nic = self.boot()
        self.pass_through(nic)
        nic.write(4, 64, 17)
        nic.write(4, 4096 + 64, 17)
        self.assertEqual((host.rx.user(0), nic.read(4, 4096 + 64)), (17, 0))

    def test_a_doorbell_rings_once_for_each_store(self):
        host, nic = self.boot(tx=2, rx=2)
        self.pass_through(nic)
        for ring in host.rings:
            ring.kicks()
        for i, ring in enumerate(host.rings):
            for value in range(i + 1):
                nic.write(0, PTKICK + 4 * i, value)
        self.assertEqual([ring.kicks() for ring in host.rings], [1, 2, 3, 4])
        nic.write(0, PTKICK + 4 * 4, 1)
        nic.write(0, PTKICK + 4 * 31, 1)
        self.assertEqual([ring.kicks() for ring in host.rings], [0, 0, 0, 0])

    def test_each_ring_has_a_vector(self):
        host, nic = self.boot(tx=1, rx=2)
        nic.enable_msix(4, MSIX_TARGET)
        self.pass_through(nic)
        host.rings[2].interrupt()
        self.assert_settles(lambda: self.qemu.read(MSIX_TARGET + 12) == 4)
        self.assertEqual([self.qemu.read(MSIX_TARGET + 4 * i) for i in range(4)], [0, 0, 0, 4])
        self.assertEqual(nic.read(0, PTICR), 0)

    def test_a_masked_vector_is_kept_pending(self):
        host, nic = self.boot()
        nic.enable_msix(3, MSIX_TARGET)
        self.pass_through(nic)
        nic.write(2, 16 * 1 + 12, 1)
        host.tx.interrupt()
        self.assert_settles(lambda: nic.read(2, 0x800) == 1 << 1)
        self.assertEqual(self.qemu.read(MSIX_TARGET + 4), 0)
        nic.write(2, 16 * 1 + 12, 0)
        self.assertEqual(self.qemu.read(MSIX_TARGET + 4), 2)

    def test_without_msix_there_is_intx(self):
        host = self.host()
        self.start(self.options(host))
        self.qemu.send("irq_intercept_in ioapic")
        nic = self.place_nic()
        self.pass_through(nic)
        host.rx.interrupt()
        self.assert_settles(lambda: any(self.qemu.levels.values()))
        self.assertEqual(nic.read(0, PTICR), 1 << 1)
        self.assertFalse(any(self.qemu.levels.values()))
        self.assertEqual(nic.read(0, PTICR), 0)
        host.tx.interrupt()
        self.assert_settles(lambda: any(self.qemu.levels.values()))
        self.assertEqual(self.control(nic, UNREGIF), 0)
        self.assertFalse(any(self.qemu.levels.values()))

    def test_the_ordinary_causes_are_vector_0(self):
        _, nic = self.boot()
        nic.enable_msix(3, MSIX_TARGET)
        nic.write(0, IMS, LSC)
        self.qemu.command("set_link", name="nic0", up=False)
        self.assertEqual(self.qemu.read(MSIX_TARGET), 1)
        self.qemu.write(MSIX_TARGET, 0)
        self.assertEqual(nic.read(0, ICR) & LSC, LSC)
        self.qemu.command("set_link", name="nic0", up=True)
        self.assert_settles(lambda: self.qemu.read(MSIX_TARGET) == 1)

    def test_reset_gives_the_port_back_and_forgets(self):
        host, nic = self.boot()
        self.pass_through(nic)
        count = len(host.requests)
        self.qemu.command("system_reset")
        self.assertTrue(self.qemu.wait_event("RESET"))
        self.assertEqual(host.requests[count:], [STOP, START])
        nic = self.place_nic()
        self.assertEqual([nic.read(0, i) for i in (PTFEAT, PTCTL, PTSTS, PTICR, PTSTATE)], [0] * 5)
        self.pass_through(nic)

    def test_bus_mastering_off_gives_the_port_back(self):
        host, nic = self.boot()
        self.pass_through(nic)
        count = len(host.requests)
        nic.set_config(4, 0x3, 2)
        self.assertEqual(host.requests[count:], [STOP, START])
        self.assertEqual(nic.read(0, PTSTATE), ORDINARY)

    def test_a_refusal_to_start_is_the_commands_result(self):
        host, nic = self.boot()
        nic.write(0, PTFEAT, CSB_BAR)
        host.refuse_once[START] = (errno.EBUSY, "it runs")
        count = len(host.requests)
        self.assertEqual(self.control(nic, REGIF), errno.EBUSY)
        self.assertEqual(host.requests[count:], [STOP, START, START])
        self.assertEqual((nic.read(0, PTSTATE), host.running), (ORDINARY, True))
        self.pass_through(nic)

    def test_a_port_that_nobody_can_use_is_lost(self):
        host, nic = self.boot()
        nic.write(0, PTFEAT, CSB_BAR)
        host.refusals[START] = (errno.EIO, "the NIC is on fire")
        self.assertEqual(self.control(nic, REGIF), errno.ENXIO)
        self.assertEqual(nic.read(0, PTSTATE), HOST_GONE)
        self.assertIn("the NIC is on fire", self.qemu.stderr())

    def test_the_hosts_death(self):
        host, nic = self.boot()
        nic.enable_msix(3, MSIX_TARGET)
        nic.write(0, IMS, LSC)
        self.pass_through(nic)
        self.assertEqual(nic.read(0, STATUS) & LINK_UP, LINK_UP)
        host.die()
        self.assert_settles(lambda: nic.read(0, PTSTATE) == HOST_GONE)
        self.assert_settles(lambda: [self.qemu.read(MSIX_TARGET + 4 * i) for i in range(3)] == [1, 2, 3])
        self.assertEqual(nic.read(0, STATUS) & LINK_UP, 0)
        self.assertEqual(nic.read(0, ICR) & LSC, LSC)
        self.assertEqual([self.control(nic, i) for i in (REGIF, CONFIG, UNREGIF)], [errno.ENXIO, errno.ENXIO, 0])
        self.assertEqual(nic.read(0, PTSTATE), HOST_GONE)
        nic.write(4, 0, 3)
        self.assertEqual(nic.read(4, 0), 3)
        self.assert_one_error("host is gone", "netmap:a{1")

    def test_netdev_del_while_passed_through(self):
        host, nic = self.boot()
        self.pass_through(nic)
        self.qemu.command("netdev_del", id="n0")
        self.assertEqual(nic.read(0, PTSTATE), HOST_GONE)
        self.assertEqual(self.control(nic, REGIF), errno.ENXIO)
        host.thread.join(5)
        self.assertFalse(host.thread.is_alive())
        nic.write(4, 0, 3)
        self.assertEqual(nic.read(4, 0), 3)

    def test_a_passed_through_port_does_not_migrate(self):
        self.boot()
        with self.assertRaisesRegex(RuntimeError, "(?i)non-migratable"):
            self.qemu.command("migrate", uri="exec:true")

    def test_ports_of_one_region_share_a_memdev(self):
        region = Region()
        hosts = [self.host(region=region), self.host(region=region), self.host()]
        options = [self.options(host, i, "netmap:p%d" % i) for i, host in enumerate(hosts)]
        self.start(sum(options, []))
        nics, memdevs = self.qemu.functions(NIC), self.qemu.functions(MEMDEV)
        self.assertEqual((len(nics), len(memdevs)), (3, 2))
        for function in nics + memdevs:
            function.place()
        ids = [nic.read(0, HOSTMEMID) for nic in nics]
        self.assertEqual(ids[0], ids[1])
        self.assertNotEqual(ids[0], ids[2])
        self.assertEqual({memdev.read(0, 8) for memdev in memdevs}, set(ids))
        for nic in nics:
            self.pass_through(nic)
        self.assertEqual([host.running for host in hosts], [True] * 3)


class DriverTest(DeviceTest):
    """With the ordinary part of an e1000 driver."""

    def bring_up(self, nic, receive=True):
        """What the driver does at ifup: descriptor rings in RAM."""
        nic.write(0, TCTL, 0)
        nic.write(0, RCTL, 0)
        for i in range(DESCRIPTORS):
            self.qemu.write_bytes(RX_RING + 16 * i, struct.pack("<QQ", PACKETS + BUFFER * i, 0))
        for base, address in ((TDBAL, TX_RING), (RDBAL, RX_RING)):
            for offset, value in ((0, address), (4, 0), (8, 16 * DESCRIPTORS), (16, 0), (24, 0)):
                nic.write(0, base + offset, value)
        nic.write(0, RDT, DESCRIPTORS - 1)
        nic.write(0, TCTL, 0x2)
        if receive:
            nic.write(0, RCTL, 0x801A)
            self.qemu.send("clock_step 2000000000")
        self.sent, self.received = 0, 0

    def send(self, nic, data):
        """Sends one frame by the e1000's own ring."""
        address = PACKETS + BUFFER * (DESCRIPTORS + 8)
        self.qemu.write_bytes(address, data)
        descriptor = struct.pack("<QII", address, len(data) | 0x0B << 24, 0)
        self.qemu.write_bytes(TX_RING + 16 * (self.sent % DESCRIPTORS), descriptor)
        self.sent += 1
        nic.write(0, TDT, self.sent % DESCRIPTORS)

    def receive(self, nic):
        """The next frame that the e1000 has put into RAM."""
        index = self.received % DESCRIPTORS
        status = struct.Struct("<QHHBBH")
        self.assert_settles(lambda: status.unpack(self.qemu.read_bytes(RX_RING + 16 * index, 16))[3] & 1)
        address, length, *_ = status.unpack(self.qemu.read_bytes(RX_RING + 16 * index, 16))
        self.qemu.write(RX_RING + 16 * index + 12, 0, 1)
        self.received += 1
        nic.write(0, RDT, index)
        return self.qemu.read_bytes(address, length - 4)


class UnplugTest(DriverTest):
    machine = "pc"

    def eject(self, nic):
        """What ACPI does in a guest that is asked to let go of a device."""
        self.qemu.command("device_del", id="nic0")
        self.qemu.send("outl 0xae10 0")
        self.qemu.send("outl 0xae08 0x%x" % (1 << (nic.devfn >> 3)))
        self.assertTrue(self.qemu.wait_event("DEVICE_DELETED"))

    def test_unplug_gives_the_port_back(self):
        host, nic = self.boot()
        (memdev,) = self.qemu.functions(MEMDEV)
        memdev.place()
        self.pass_through(nic)
        count = len(host.requests)
        self.eject(nic)
        self.assertEqual(host.requests[count:], [STOP, START])
        self.assertEqual(memdev.read(0, 0), host.region.size)
        host.rx.deliver(frame(1))
        self.assertFalse(self.qemu.settle(lambda: host.rx.user(0) != 0, seconds=0.5))
        self.qemu.command("device_add", driver="e1000-paravirt", netdev="n0", id="nic0")
        nic = self.place_nic()
        self.bring_up(nic)
        self.assertEqual(self.receive(nic), frame(1))
        self.assertEqual(nic.read(0, HOSTMEMID), memdev.read(0, 8))
        self.pass_through(nic)

    def test_the_region_outlives_nic_and_netdev(self):
        host, nic = self.boot()
        (memdev,) = self.qemu.functions(MEMDEV)
        memdev.place()
        self.pass_through(nic)
        self.eject(nic)
        self.qemu.command("netdev_del", id="n0")
        host.thread.join(5)
        memdev.write(2, host.region.buffer(3), 0x31)
        self.assertEqual(host.region.memory[host.region.buffer(3)], 0x31)


class OrdinaryTest(DriverTest):
    def test_frames_both_ways(self):
        host, nic = self.boot(slots=16)
        self.bring_up(nic)
        for i in range(100):
            self.send(nic, frame(i, 60 + i))
            self.assertTrue(host.tx.wait_kick())
            self.assertEqual(host.tx.collect(), [frame(i, 60 + i)])
            host.rx.deliver(frame(i, 60 + i))
            self.assertEqual(self.receive(nic), frame(i, 60 + i))
            host.rx.collect_released()

    def test_all_receive_rings_are_served(self):
        host, nic = self.boot(rx=3)
        self.bring_up(nic)
        for i, ring in enumerate(host.rings[1:]):
            ring.deliver(frame(i))
            self.assertEqual(self.receive(nic), frame(i))

    def test_a_full_ring_holds_frames_back(self):
        host, nic = self.boot(slots=8)
        self.bring_up(nic)
        for i in range(12):
            self.send(nic, frame(i))
        self.assertEqual(host.tx.collect(), [frame(i) for i in range(7)])
        self.assertEqual(host.tx.user(2), 1)
        host.tx.interrupt()
        self.assert_settles(lambda: host.tx.user(0) != host.tx.hwcur)
        self.assertEqual(host.tx.collect(), [frame(i) for i in range(7, 12)])

    def test_a_frame_of_several_slots(self):
        host, nic = self.boot()
        self.bring_up(nic)
        host.rx.deliver(frame(1, 1500), parts=4)
        self.assertEqual(self.receive(nic), frame(1, 1500))

    def test_frames_wait_until_the_nic_is_up(self):
        host, nic = self.boot()
        for i in range(5):
            host.rx.deliver(frame(i))
        self.assertFalse(self.qemu.settle(lambda: host.rx.user(0) != 0, seconds=0.5))
        self.bring_up(nic)
        for i in range(5):
            self.assertEqual(self.receive(nic), frame(i))

    def test_frames_wait_in_the_ring_for_who_comes_next(self):
        host, nic = self.boot()
        self.bring_up(nic, receive=False)
        for i in range(5):
            host.rx.deliver(frame(i))
        self.assertFalse(self.qemu.settle(lambda: host.rx.user(0) != 0, seconds=0.5))
        self.pass_through(nic)
        self.assertEqual((nic.read(4, 64), nic.read(4, 4096 + 64 + 4)), (0, 5))
        self.assertEqual(self.control(nic, UNREGIF), 0)
        nic.write(0, RCTL, 0x801A)
        self.qemu.send("clock_step 2000000000")
        for i in range(5):
            self.assertEqual(self.receive(nic), frame(i))
        self.assert_settles(lambda: host.rx.user(0) == 5)

    def test_ordinary_again_after_the_guest_gave_back(self):
        host, nic = self.boot()
        self.bring_up(nic)
        for i in range(3):
            self.pass_through(nic)
            self.send(nic, frame(99))
            self.assertEqual(host.tx.user(0), host.tx.hwcur)
            self.assertEqual(self.control(nic, UNREGIF), 0)
            self.send(nic, frame(i))
            self.assertEqual(host.tx.collect(), [frame(i)])
            host.rx.deliver(frame(i))
            self.assertEqual(self.receive(nic), frame(i))
            self.assert_settles(lambda: host.rx.user(0) == host.rx.hwtail)
            host.rx.collect_released()

    def test_slots_that_lie_are_skipped(self):
        host, nic = self.boot()
        self.bring_up(nic)
        for slot in ((0, 60), (1, 60), (2048, 60), (0xFFFFFFFF, 60), (5, 2049), (5, 0xFFFF), (5, 0), (5, 13)):
            struct.pack_into("<IHH", host.region.memory, host.rx.slot(host.rx.hwtail), *slot, 0)
            host.rx.hwtail += 1
        host.rx.deliver(frame(7))
        self.assertEqual(self.receive(nic), frame(7))
        struct.pack_into("<I", host.region.memory, host.tx.slot(0), 0xFFFFFFFF)
        self.send(nic, frame(1))
        self.send(nic, frame(2))
        self.assertEqual(host.tx.user(0), 2)
        host.tx.hwcur = 1
        self.assertEqual(host.tx.collect(), [frame(2)])

    def test_indices_that_lie_are_not_followed(self):
        host, nic = self.boot()
        self.bring_up(nic)
        for lie in (host.slots, 0xFFFFFFFF, 0x80000000):
            struct.pack_into("<II", host.csb, 4096 + 64, lie, lie)
            host.rx.interrupt()
            struct.pack_into("<II", host.csb, 4096, lie, lie)
            self.send(nic, frame(1))
        host.tx.publish()
        host.rx.deliver(frame(3))
        self.assertEqual(self.receive(nic), frame(3))

    def test_a_packet_that_never_ends_does_not_stop_the_ring(self):
        host, nic = self.boot()
        self.bring_up(nic)
        for i in range(host.slots - 1):
            struct.pack_into("<HH", host.region.memory, host.rx.slot(i) + 4, 2048, 0x20)
        host.rx.hwtail = host.slots - 1
        host.rx.publish()
        host.rx.interrupt()
        self.assert_settles(lambda: host.rx.user(0) == host.slots - 1)
        host.rx.collect_released()
        host.rx.deliver(frame(1))
        self.assertEqual(self.receive(nic), frame(1))


class KernelTest(DriverTest):
    """The kernel's netmap as host, played by fake_netmap.c: it returns what is sent."""

    def start_kernel(self, fault="", name="netmap:x{1", **options):
        region = Region()
        nifp, _ = region.new_if(1, 1, 32)
        (_, _, if_size), (rings, _, ring_size), (buffers, count, _) = region.pools
        port = (region.fd, region.size, nifp, 32, if_size, rings, ring_size, buffers, count)
        environment = {
            "LD_PRELOAD": os.environ["FAKE_NETMAP"],
            "FAKE_NETMAP_PORT": " ".join(map(str, port)),
            "FAKE_NETMAP_FAULT": fault,
        }
        netdev = ["-netdev", "netmap,id=n0,ifname=%s,passthrough=on,devname=/dev/full" % name]
        nic = ["-device", "e1000-paravirt,netdev=n0"]
        self.start(netdev + nic, environment=environment, pass_fds=[region.fd], **options)

    def assert_moves_frames(self, nic):
        self.bring_up(nic)
        for i in range(50):
            self.send(nic, frame(i))
            self.assertEqual(self.receive(nic), frame(i))

    def csb(self, nic):
        """head, cur of both rings, then hwcur, hwtail of both."""
        return [nic.read(4, i) for i in (0, 4, 64, 68, 4096, 4100, 4160, 4164)]

    def assert_passes_through(self, nic):
        """The guest sends one slot by the CSB and gets it back."""
        self.pass_through(nic)
        head, _, received, _, _, _, _, tail = self.csb(nic)
        self.assertEqual(received, tail)
        for word in (4, 0):
            nic.write(4, word, (head + 1) % 32)
        nic.write(0, PTKICK, 1)
        self.assert_settles(lambda: self.csb(nic)[7] == (tail + 1) % 32)
        for word in (68, 64):
            nic.write(4, word, (tail + 1) % 32)
        nic.write(0, PTKICK + 4, 1)
        self.assert_settles(lambda: self.csb(nic)[6] == (tail + 1) % 32)
        self.assertEqual(self.control(nic, UNREGIF), 0)

    def test_both_modes_in_turn(self):
        self.start_kernel()
        nic = self.place_nic()
        for _ in range(5):
            self.assert_moves_frames(nic)
            self.assert_passes_through(nic)

    def test_rings_have_interrupts(self):
        self.start_kernel()
        nic = self.place_nic()
        nic.enable_msix(3, MSIX_TARGET)
        self.assert_passes_through(nic)
        self.assertEqual([self.qemu.read(MSIX_TARGET + 4 * i) for i in (1, 2)], [2, 3])

    def test_start_and_stop_in_a_row(self):
        for fault in ("late", "remembers"):
            with self.subTest(fault=fault):
                self.start_kernel(fault)
                nic = self.place_nic()
                nic.write(0, PTFEAT, CSB_BAR)
                for _ in range(20):
                    self.assertEqual([self.control(nic, i) for i in (REGIF, UNREGIF)], [0, 0])
                self.assert_moves_frames(nic)
                self.qemu.close()

    def test_a_loop_that_ends_is_the_hosts_end(self):
        self.start_kernel("ends")
        nic = self.place_nic()
        self.pass_through(nic)
        nic.write(0, PTKICK, 1)
        self.assert_settles(lambda: nic.read(0, PTSTATE) == HOST_GONE)
        self.assertEqual([self.control(nic, i) for i in (REGIF, UNREGIF)], [errno.ENXIO, 0])
        self.assert_one_error("host is gone", "sync loop has ended")

    def test_refusals(self):
        for fault, word in (
            ("register=%d" % errno.EBUSY, "in use"),
            ("register=%d" % errno.ENOMEM, "Cannot allocate memory"),
            ("csb=%d" % errno.EOPNOTSUPP, "Operation not supported"),
            ("start=%d" % errno.EINVAL, "Invalid argument"),
        ):
            with self.subTest(fault=fault):
                self.start_kernel(fault, wait=False)
                self.assertEqual(self.qemu.exit(), 1)
                self.assert_one_error("netmap:x{1", word)
                self.qemu.close()

    def test_an_unknown_port(self):
        self.start_kernel(name="netmap:y", wait=False)
        self.assertEqual(self.qemu.exit(), 1)
        self.assert_one_error("netmap:y", "no port or interface 'y'")


class StartTest(DeviceTest):
    """One clear line on stderr for each way in which a start fails."""

    def assert_fails(self, arguments, *words):
        self.start(arguments, wait=False)
        self.assertEqual(self.qemu.exit(), 1)
        self.assert_one_error(*words)

    def netdev(self, ifname, devname):
        return ["-netdev", "netmap,id=n0,ifname=%s,passthrough=on,devname=%s" % (ifname, devname)]

    def test_no_host(self):
        self.assert_fails(self.netdev("netmap:a{1", self.directory.name + "/none"), "/none", "nfv host", "devname=")

    def test_nobody_serves_the_socket(self):
        path = self.directory.name + "/left"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
            server.bind(path)
        self.assert_fails(self.netdev("netmap:a{1", path), path, "Connection refused", "nfv host")

    def test_a_host_that_closes_the_connection(self):
        path = self.directory.name + "/closes"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
            server.bind(path)
            server.listen()
            self.start(self.netdev("netmap:a{1", path), wait=False)
            server.accept()[0].close()
            self.assertEqual(self.qemu.exit(), 1)
        self.assert_one_error("closed the connection", "version 1", "same release")

    @unittest.skipUnless(os.geteuid() == 0, "only root can serve as another user")
    def test_a_host_of_another_user(self):
        path = self.directory.name + "/other"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
            server.bind(path)
            os.seteuid(65534)
            server.listen()
            os.seteuid(0)
            self.assert_fails(self.netdev("netmap:a{1", path), "user 65534 serves", "this is user 0")

    def test_neither_device_nor_socket(self):
        self.assert_fails(self.netdev("netmap:a{1", BINARY), BINARY, "neither netmap's device nor a host's socket")

    def test_a_device_that_is_not_netmap(self):
        self.assert_fails(self.netdev("netmap:a{1", "/dev/null"), "netmap refuses")

    def test_busy(self):
        host = self.host(refusals={OPEN_CSB: (errno.EBUSY, "chain{1: ring 0 is open")})
        self.assert_fails(self.options(host), "chain{1: ring 0 is open", "busy")

    def test_unknown_port(self):
        host = self.host(refusals={OPEN_CSB: (errno.ENXIO, "no port of that name")})
        self.assert_fails(self.options(host), "no port of that name")

    def test_another_version(self):
        host = self.host(version=7)
        self.assert_fails(self.options(host), "version 7", "version 1", "same release")

    def test_too_many_rings(self):
        host = self.host(tx=20, rx=20, slots=16)
        self.assert_fails(self.options(host), "20 transmit", "32", "fewer")

    def test_a_region_that_does_not_fit(self):
        for offset in (8, 16, 40, 80, 104, 112, 120, 128):
            with self.subTest(offset=offset):
                change = lambda body: body[:offset] + b"\xff" * 4 + body[offset + 4 :]
                self.assert_fails(self.options(self.host(grant=change)), "host")
                self.qemu.close()

    def test_a_reply_that_is_too_short(self):
        self.assert_fails(self.options(self.host(grant=lambda body: body[:-1])), "too short")

    def test_names(self):
        wrong = {
            "eth0": "netmap:NAME",
            "netmap:": "1 to 63",
            "netmap:" + "x" * 64: "1 to 63",
            "netmap:eth0-1": "only a whole port",
            "netmap:eth0^": "only a whole port",
            "netmap:eth0*": "only a whole port",
            "netmap:x/R": "only a whole port",
            "netmap:x{": "pipe's name",
            "netmap:x}a{b": "pipe's name",
            "netmap:x@0": "@MEM_ID",
            "netmap:x@70000": "@MEM_ID",
            "netmap:x@conf:rings=2": "@conf:slots",
            "netmap:x@conf:slots=": "@conf:slots",
        }
        for name, word in wrong.items():
            with self.subTest(name=name):
                self.assert_fails(self.netdev(name, "/none"), "ifname=" + name, word)
                self.qemu.close()

    def test_names_as_the_host_knows_them(self):
        right = {
            "netmap:chain{1": "chain{1",
            "netmap:chain}1@3@conf:slots=256": "chain}1",
            "vale0:1": "vale0:1",
            "vale1{3": "vale1{3",
        }
        for name, sent in right.items():
            with self.subTest(name=name):
                host = self.host()
                self.start(self.options(host, name=name))
                self.assertEqual(host.names, [sent])
                self.qemu.close()

    def test_other_nics_get_an_ordinary_port(self):
        host = self.host()
        self.start(self.options(host, device="virtio-net-pci,romfile="))
        self.assertIn("-device e1000-paravirt,netdev=n0", self.qemu.stderr())
        self.assertEqual(host.running, True)


class FuzzTest(DriverTest):
    """A guest, and whoever else maps the region, may write what they like: QEMU lives and the device still works."""

    def test_mutations(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print("SEED=%d" % seed)
        self.random = random.Random(seed)
        region = Region()
        hosts = [self.host(tx=2, rx=2, region=region), self.host(region=region)]
        self.start(self.options(hosts[0], 0, "netmap:a") + self.options(hosts[1], 1, "netmap:b"))
        nics, memdevs = self.qemu.functions(NIC), self.qemu.functions(MEMDEV)
        for function in nics + memdevs:
            function.place()
        for nic in nics:
            self.bring_up(nic)
        for _ in range(MUTATIONS):
            which = self.random.randrange(2)
            self.mutate(nics[which], hosts[which], memdevs[0])
        for nic, host in zip(nics, hosts):
            nic.place()
            nic.write(0, PTFEAT, CSB_BAR)
            self.assertEqual(self.control(nic, REGIF), 0)
            self.assertEqual(nic.read(0, PTSTATE), PASSED_THROUGH)
            self.assertTrue(host.running)

    def value(self):
        return self.random.choice((0, 1, 2, 31, 32, 33, 0x7FFFFFFF, 0xFFFFFFFF, self.random.getrandbits(32)))

    def mutate(self, nic, host, memdev):
        choice = self.random.choice
        ring = choice(host.rings)
        kind = self.random.randrange(12)
        if kind <= 2:
            nic.write(0, self.random.randrange(CSBAL, PTKICK + 128, 4), self.value())
        elif kind == 3:
            nic.write(0, PTCTL, choice((REGIF, UNREGIF, CONFIG, GET_HOSTMEMID, self.value())))
        elif kind == 4:
            nic.write(0, PTFEAT, choice((CSB_BAR, CSB_BAR, self.value())))
        elif kind == 5:
            nic.write(4, self.random.randrange(0, 8192, 4), self.value())
        elif kind == 6:
            slot = ring.slot(self.random.randrange(host.slots))
            memdev.write(2, slot + choice((0, 4, 8)), self.value())
        elif kind == 7:
            memdev.write(2, self.random.randrange(0, host.region.size, 4), self.value())
        elif kind == 8:
            ring.hwtail = self.random.randrange(host.slots)
            ring.publish()
            ring.interrupt()
        elif kind == 9:
            struct.pack_into("<I", host.csb, self.random.randrange(0, 8192, 4), self.value())
            ring.interrupt()
        elif kind == 10:
            self.send(nic, frame(self.random.getrandbits(16), self.random.randrange(14, 1500)))
            nic.write(0, choice((RDH, RDT, TDH, RCTL, RDLEN, TDLEN)), self.value())
        else:
            self.mutate_pci(nic)

    def mutate_pci(self, nic):
        control = nic.capability(0x11) + 2
        kind = self.random.randrange(4)
        if kind == 0:
            nic.set_config(control, self.random.getrandbits(16), 2)
        elif kind == 1:
            nic.write(2, self.random.randrange(0, 4096, 4), self.value())
        elif kind == 2:
            nic.set_config(4, self.random.choice((0x7, 0x3)), 2)
            nic.set_config(4, 0x7, 2)
        else:
            nic.read(0, self.random.randrange(CSBAL, PTKICK + 128, 4))


if __name__ == "__main__":
    unittest.main()
