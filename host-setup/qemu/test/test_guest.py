# SPDX-License-Identifier: BSD-2-Clause
"""Doorbells and interrupts of e1000-paravirt with a processor at work, where KVM takes them past QEMU. See run.sh."""

import os
import unittest

from fake_host import CSB_HOST
from qtest import GuestQemu, Unable
from test_device import BINARY, PTKICK, UNREGIF, DeviceTest

PROGRAM = os.environ["GUEST"]

APIC_SPURIOUS, APIC_REQUESTS = 0xFEE000F0, 0xFEE00200
MESSAGES = 0xFEE00000
FIRST_VECTOR = 0x50
TX, RX = 1, 2  # MSI-X vectors of the rings
PENDING_BITS = 0x800  # in BAR2
CSB_BAR4, CSB_ADDRESS = 0x20, 0xD0000000  # where a processor without paging reaches it


class GuestTests:
    """For each accelerator."""

    def setUp(self):
        super().setUp()
        self.port = self.host()
        try:
            self.qemu = GuestQemu(BINARY, self.directory.name, self.options(self.port), self.accelerator, PROGRAM)
        except Unable as reason:
            self.skipTest("no guest by %s here: %s" % (self.accelerator, reason))
        self.addCleanup(self.stop)
        self.nic = self.place_nic()
        self.nic.set_config(CSB_BAR4, CSB_ADDRESS)
        self.nic.set_config(CSB_BAR4 + 4, 0)
        self.nic.bars[4] = CSB_ADDRESS
        self.pass_through(self.nic)
        self.qemu.write(APIC_SPURIOUS, 0x1FF)

    def message(self, vector, number, masked=False):
        """Has an MSI-X vector interrupt the processor with this number."""
        control = 16 * vector + 12
        self.nic.write(2, control, 1)
        self.nic.write(2, 16 * vector, MESSAGES)
        self.nic.write(2, 16 * vector + 4, 0)
        self.nic.write(2, 16 * vector + 8, number)
        if not masked:
            self.nic.write(2, control, 0)

    def enable(self, extra=0):
        control = self.nic.capability(0x11) + 2
        self.nic.set_config(control, self.nic.config(control, 2) & 0x3FFF | 0x8000 | extra, 2)

    def requested(self, number):
        return bool(self.qemu.read(APIC_REQUESTS + number // 32 * 16) >> number % 32 & 1)

    def assert_requested(self, number):
        self.assert_settles(lambda: self.requested(number))

    def assert_not_requested(self, number):
        for _ in range(20):
            self.qemu.command("query-status")
        self.assertFalse(self.requested(number))

    def test_both_sides_see_the_control_block(self):
        self.nic.write(4, 4, 7)
        self.nic.write(4, 0, 7)
        self.assertEqual(self.port.tx.user(0), 7)
        self.port.tx.hwcur, self.port.tx.hwtail = 7, 6
        self.port.tx.publish()
        self.assertEqual([self.nic.read(4, CSB_HOST + 4 * i) for i in range(2)], [7, 6])

    def test_every_doorbell_is_heard(self):
        for i in range(1000):
            self.nic.write(0, PTKICK, i)
        self.assert_settles(lambda: self.count_kicks(self.port.tx) == 1000)
        self.assertEqual(self.port.rx.kicks(), 0)
        self.nic.write(0, PTKICK + 4, 0)
        self.assertTrue(self.port.rx.wait_kick())

    def count_kicks(self, ring):
        self.kicks = getattr(self, "kicks", 0) + ring.kicks()
        return self.kicks

    def test_each_ring_has_its_interrupt(self):
        for vector in (0, TX, RX):
            self.message(vector, FIRST_VECTOR + vector)
        self.enable()
        self.port.rx.interrupt()
        self.assert_requested(FIRST_VECTOR + RX)
        self.assertFalse(self.requested(FIRST_VECTOR + TX))
        self.port.tx.interrupt()
        self.assert_requested(FIRST_VECTOR + TX)
        self.assertFalse(self.requested(FIRST_VECTOR))

    def test_what_happens_while_masked_is_kept(self):
        self.message(RX, FIRST_VECTOR, masked=True)
        self.enable()
        self.port.rx.interrupt()
        self.assert_settles(lambda: self.nic.read(2, PENDING_BITS) == 1 << RX)
        self.assert_not_requested(FIRST_VECTOR)
        self.nic.write(2, 16 * RX + 12, 0)
        self.assert_requested(FIRST_VECTOR)
        self.assertEqual(self.nic.read(2, PENDING_BITS), 0)

    def test_masking_all_keeps_them_too(self):
        self.message(RX, FIRST_VECTOR)
        self.enable(0x4000)
        self.port.rx.interrupt()
        self.assert_not_requested(FIRST_VECTOR)
        self.enable()
        self.assert_requested(FIRST_VECTOR)

    def test_a_vector_is_moved(self):
        self.message(TX, FIRST_VECTOR)
        self.enable()
        self.message(TX, FIRST_VECTOR + 9)
        self.port.tx.interrupt()
        self.assert_requested(FIRST_VECTOR + 9)
        self.assertFalse(self.requested(FIRST_VECTOR))

    def test_nothing_comes_after_unregif_and_all_again_after_regif(self):
        self.message(TX, FIRST_VECTOR)
        self.message(RX, FIRST_VECTOR + 1)
        self.enable()
        self.assertEqual(self.control(self.nic, UNREGIF), 0)
        self.port.tx.interrupt()
        self.assert_not_requested(FIRST_VECTOR)
        self.pass_through(self.nic)
        self.port.rx.interrupt()
        self.assert_requested(FIRST_VECTOR + 1)
        self.nic.write(0, PTKICK, 0)
        self.assertTrue(self.port.tx.wait_kick())

    def test_the_host_goes(self):
        self.message(RX, FIRST_VECTOR)
        self.enable()
        self.port.die()
        self.assert_requested(FIRST_VECTOR)
        self.nic.write(0, PTKICK, 0)
        self.assert_one_error("netmap:a{1", "gone")


class TcgTest(GuestTests, DeviceTest):
    accelerator = "tcg"


@unittest.skipUnless(os.access("/dev/kvm", os.R_OK | os.W_OK), "no /dev/kvm for this user")
class KvmTest(GuestTests, DeviceTest):
    accelerator = "kvm"
