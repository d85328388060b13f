// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.abi.AbiFacts;
import io.ptnetmap.abi.Ioctl;
import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NmreqHeader;
import io.ptnetmap.abi.NmreqOptCsb;
import io.ptnetmap.abi.NmreqOptOffsets;
import io.ptnetmap.abi.NmreqOption;
import io.ptnetmap.abi.NmreqPoolsInfo;
import io.ptnetmap.abi.NmreqPortInfoGet;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.NmreqValeAttach;
import io.ptnetmap.abi.NmreqValeDetach;
import io.ptnetmap.abi.NmreqValeList;
import io.ptnetmap.abi.OptionType;
import io.ptnetmap.abi.RequestType;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the driver sends to {@code /dev/netmap}, byte by byte, and what it makes of the replies. */
class KernelDriverTest {
    private static final int MEMSIZE = 1 << 16;
    private static final int IF_OFFSET = 1024;
    private static final int TX_RING = 8192;
    private static final int RX_RING = 16384;

    private RecordedSyscalls syscalls;
    private Mapping kernel;

    @BeforeEach
    void layOutAPortWithOneRingPair() {
        syscalls = new RecordedSyscalls(MEMSIZE);
        kernel = syscalls.kernelView(MEMSIZE);
        layOut();
    }

    private void layOut() {
        long netmapIf = kernel.address() + IF_OFFSET;
        NetmapIf.txRings(netmapIf, 1);
        NetmapIf.hostTxRings(netmapIf, 1);
        NetmapIf.rxRings(netmapIf, 1);
        NetmapIf.hostRxRings(netmapIf, 1);
        NetmapIf.ringOfs(netmapIf, 0, TX_RING - IF_OFFSET);
        NetmapIf.ringOfs(netmapIf, 2, RX_RING - IF_OFFSET);
        for (int ring : new int[] {TX_RING, RX_RING}) {
            NetmapRing.numSlots(kernel.address() + ring, 8);
        }
    }

    @AfterEach
    void retire() {
        kernel.close();
        syscalls.close();
    }

    /** Binds with a reply that places the port in region {@code memId}. */
    private RecordedSyscalls.Answer bindsIn(int memId) {
        return header -> {
            long body = NmreqHeader.BODY.read(header);
            NmreqRegister.OFFSET.write(body, IF_OFFSET);
            NmreqRegister.MEMSIZE.write(body, MEMSIZE);
            NmreqRegister.MEM_ID.write(body, memId);
            return 0;
        };
    }

    private static RecordedSyscalls.Answer fails(Errno errno) {
        return argument -> -errno.number();
    }

    private static byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copy(address, bytes, 0, length);
        return bytes;
    }

    private static void poke(long address, byte[] bytes) {
        Memory.copy(bytes, 0, address, bytes.length);
    }

    /** The recorded encoding with the two pointers in it replaced. */
    private static byte[] header(long options, long body) {
        ByteBuffer expected = ByteBuffer.wrap(AbiFacts.encoding("nmreq_header")).order(ByteOrder.LITTLE_ENDIAN);
        return expected.putLong(72, options).putLong(80, body).array();
    }

    @Test
    void registerSendsTheRecordedBytes() {
        byte[] expected = AbiFacts.encoding("nmreq_register");
        Arrays.fill(expected, 0, 16, (byte) 0); // nr_offset and nr_memsize are for the reply
        syscalls.answer(header -> {
            long body = NmreqHeader.BODY.read(header);
            assertArrayEquals(header(0, body), bytes(header, NmreqHeader.SIZE));
            assertArrayEquals(expected, bytes(body, NmreqRegister.SIZE));
            return bindsIn(1).to(header);
        });
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            driver.register(new PortRequest(
                    "eth0",
                    0xa1a2a3a4,
                    0x9192,
                    0xc1c2c3c4c5c6c7c8L,
                    0x8182,
                    0x21222324,
                    0x31323334,
                    0x4142,
                    0x5152,
                    0x6162,
                    0x7172,
                    0xb1b2b3b4));
        }
        assertEquals(Ioctl.NIOCCTRL, syscalls.calls.getFirst().request());
    }

    @Test
    void registerReadsTheReply() {
        syscalls.answer(header -> {
            poke(NmreqHeader.BODY.read(header), AbiFacts.encoding("nmreq_register"));
            return bindsIn(7).to(header);
        });
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortReply expected = new PortReply(
                    IF_OFFSET, MEMSIZE, 0x21222324, 0x31323334, 0x4142, 0x5152, 0x6162, 0x7172, 7, 0xb1b2b3b4);
            assertEquals(
                    expected,
                    driver.register(PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC))
                            .reply());
        }
    }

    @Test
    void portInfoAsksAndReads() {
        syscalls.answer(header -> {
            long body = NmreqHeader.BODY.read(header);
            assertEquals(RequestType.PORT_INFO_GET.number(), NmreqHeader.REQTYPE.readInt(header));
            assertEquals("vale0:1", NmreqHeader.NAME.readText(header));
            byte[] expected = new byte[NmreqPortInfoGet.SIZE];
            expected[24] = 3;
            assertArrayEquals(expected, bytes(body, expected.length));
            for (int i = 0; i < NmreqPortInfoGet.SIZE; i++) {
                Memory.putByte(body + i, (byte) (i + 1));
            }
            return 0;
        });
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortReply expected = new PortReply(
                    0, 0x0807060504030201L, 0x0c0b0a09, 0x100f0e0d, 0x1211, 0x1413, 0x1615, 0x1817, 0x1a19, 0);
            assertEquals(expected, driver.portInfo("vale0:1", 3));
        }
    }

    @Test
    void poolsInfoAsksAndReads() {
        syscalls.answer(header -> {
            long body = NmreqHeader.BODY.read(header);
            assertEquals(RequestType.POOLS_INFO_GET.number(), NmreqHeader.REQTYPE.readInt(header));
            byte[] expected = new byte[NmreqPoolsInfo.SIZE];
            expected[8] = 9;
            assertArrayEquals(expected, bytes(body, expected.length));
            for (int i = 0; i < NmreqPoolsInfo.SIZE; i += 4) {
                Memory.putInt(body + i, i + 1);
            }
            return 0;
        });
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PoolsInfo expected = new PoolsInfo(
                    1 | 5L << 32,
                    9,
                    new PoolsInfo.Pool(17 | 21L << 32, 25, 29),
                    new PoolsInfo.Pool(33 | 37L << 32, 41, 45),
                    new PoolsInfo.Pool(49 | 53L << 32, 57, 61));
            assertEquals(expected, driver.poolsInfo("eth0", 9));
        }
    }

    /** A failed call leaves {@code nr_reserved} set in the header, which would spoil the next one (ABI §5.1). */
    @Test
    void headerIsWrittenAnewForEachCall() {
        RecordedSyscalls.Answer spoils = header -> {
            NmreqHeader.RESERVED.write(header, 1);
            return -Errno.EINVAL.number();
        };
        syscalls.answer(spoils).answer(spoils);
        try (ControlRequest request = new ControlRequest(RequestType.REGISTER, "eth0")) {
            request.submit(syscalls, 1);
            request.submit(syscalls, 1);
            byte[] expected = header(0, request.body());
            syscalls.calls.forEach(call -> assertArrayEquals(expected, call.header()));
        }
    }

    @Test
    void optionsMakeAChain() {
        syscalls.answer(header -> {
            long csb = NmreqHeader.OPTIONS.read(header);
            long offsets = NmreqOption.NEXT.read(csb);
            assertEquals(OptionType.CSB.number(), NmreqOption.REQTYPE.readInt(csb));
            assertEquals(0x2000, NmreqOptCsb.CSB_KTOA.read(csb));
            assertArrayEquals(AbiFacts.encoding("nmreq_opt_offsets"), bytes(offsets, NmreqOptOffsets.SIZE));
            return 0;
        });
        try (ControlRequest request = new ControlRequest(RequestType.CSB_ENABLE, "eth0")) {
            assertEquals(0, request.body(), "this request has no body");
            NmreqOptCsb.write(request.addOption(NmreqOptCsb.SIZE), 0, 0x1000, 0x2000);
            NmreqOptOffsets.write(request.addOption(NmreqOptOffsets.SIZE), 0, 256, 64, 16);
            assertEquals(0, request.submit(syscalls, 1));
        }
    }

    @Test
    void syncsAreIoctlsOfThePortsDescriptor() {
        syscalls.answer(bindsIn(1)).answer(none -> 0).answer(none -> 0);
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortBinding port = driver.register(PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC));
            assertNull(port.txSync(1), "the host ring is not bound");
            assertNull(port.rxSync(1));
            assertEquals(RingSync.LOOK, port.txSync(0).sync());
            assertEquals(RingSync.LOOK, port.rxSync(0).sync());
            List<Long> requests =
                    syscalls.calls.stream().map(RecordedSyscalls.Call::request).toList();
            assertEquals(List.of(Ioctl.NIOCCTRL, Ioctl.NIOCTXSYNC, Ioctl.NIOCRXSYNC), requests);
            syscalls.calls.forEach(call -> assertEquals(port.descriptor(), call.fd()));
        }
    }

    @Test
    void syncOfALostDeviceSaysSo() {
        syscalls.answer(bindsIn(1)).answer(fails(Errno.EIO));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortBinding port = driver.register(PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC));
            LinuxException e =
                    assertThrows(LinuxException.class, () -> port.rxSync(0).sync());
            assertEquals(
                    "NIOCRXSYNC of eth0: EIO (input/output error): the device has gone or its driver was unloaded;"
                            + " close the port",
                    e.getMessage());
        }
    }

    @Test
    void portsOfOneRegionShareOneMappingUntilTheLastIsClosed() {
        syscalls.answer(bindsIn(1)).answer(bindsIn(1)).answer(bindsIn(2)).answer(bindsIn(1));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortRequest request = PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC);
            PortBinding first = driver.register(request);
            PortBinding second = driver.register(request);
            PortBinding elsewhere = driver.register(request);
            assertSame(first.memory(), second.memory());
            assertNotSame(first.memory(), elsewhere.memory());
            assertEquals(2, syscalls.mappings);

            long ring = first.memory().address() + RX_RING;
            first.close();
            first.close();
            assertEquals(8, NetmapRing.numSlots(ring), "the second port still needs the memory");
            second.close();
            assertEquals(0, NetmapRing.numSlots(ring), "retired");
            assertEquals(8, NetmapRing.numSlots(elsewhere.memory().address() + RX_RING));

            PortBinding again = driver.register(request);
            assertNotSame(first.memory(), again.memory());
            assertEquals(8, NetmapRing.numSlots(again.memory().address() + RX_RING));
        }
        assertTrue(syscalls.openDescriptors.isEmpty(), "closing the driver closes its ports");
    }

    @Test
    void pollLooksOnlyWhereNobodyHasLooked() {
        syscalls.answer(bindsIn(1));
        syscalls.pollResult = Linux.POLLIN | Linux.POLLOUT;
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortBinding port = driver.register(PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC));
            assertEquals(0, port.arm(Linux.POLLIN));
            assertEquals(Linux.POLLIN, port.descriptorEvents(Linux.POLLIN));
            assertEquals(Linux.POLLOUT, port.disarm(Linux.POLLIN, Linux.POLLOUT));
            assertEquals(0, syscalls.polls);
            assertEquals(0, port.arm(Linux.POLLIN));
            assertEquals(Linux.POLLIN, port.disarm(Linux.POLLIN, 0));
            assertEquals(1, syscalls.polls);
        }
    }

    /** A ring in violation makes poll say POLLERR too, but syncs go well then. */
    @Test
    void pollOfALostDeviceSaysSo() {
        syscalls.answer(bindsIn(1))
                .answer(none -> 0)
                .answer(none -> 0)
                .answer(none -> 0)
                .answer(fails(Errno.EIO));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortBinding port = driver.register(PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC));
            port.arm(Linux.POLLIN);
            assertEquals(Linux.POLLERR, port.disarm(Linux.POLLIN, Linux.POLLERR), "only a violation");
            port.arm(Linux.POLLIN);
            LinuxException e = assertThrows(LinuxException.class, () -> port.disarm(Linux.POLLIN, Linux.POLLERR));
            assertTrue(e.getMessage().contains("the device has gone"), e.getMessage());
        }
    }

    /** The number of a descriptor that somebody polls must not become another file's. */
    @Test
    void aPortClosedWhileAThreadPollsItKeepsItsDescriptorUntilThen() {
        syscalls.answer(bindsIn(1));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortBinding port = driver.register(PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC));
            int fd = port.descriptor();
            port.arm(Linux.POLLIN);
            assertEquals(0, Linux.poll(port.closingDescriptor(), Linux.POLLIN, 0));
            port.close();
            assertEquals(Linux.POLLIN, Linux.poll(port.closingDescriptor(), Linux.POLLIN, 0));
            assertTrue(syscalls.openDescriptors.contains(fd));
            port.disarm(Linux.POLLIN, 0);
            assertFalse(syscalls.openDescriptors.contains(fd));
            assertEquals(Linux.POLLERR, port.arm(Linux.POLLIN));
            assertEquals(Linux.POLLERR, port.disarm(Linux.POLLIN, 0));
        }
    }

    /** Whoever shares the region can write the table of rings. */
    @ParameterizedTest
    @CsvSource({"24, -1", "24, 2147483647", "28, 100000", "56, 100000", "56, -100000", "56, 3", "72, 65536"})
    void aTableThatMakesNoSenseIsRefused(int offset, int value) {
        Memory.putInt(kernel.address() + IF_OFFSET + offset, value);
        syscalls.answer(bindsIn(1)).answer(bindsIn(1));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortRequest request = PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC);
            LinuxException e = assertThrows(LinuxException.class, () -> driver.register(request));
            assertEquals(Errno.EFAULT, e.errno());
            assertEquals(1, syscalls.openDescriptors.size(), "only the driver's own");
            layOut();
            driver.register(request).close();
            assertEquals(2, syscalls.mappings, "the first one was given back");
        }
    }

    @Test
    void aPortThatIsRefusedLeavesNothingOpen() throws IOException {
        Memory.putInt(kernel.address() + IF_OFFSET + 24, -1);
        PortRequest request = PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC);
        int tries = 200;
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            long before = eventfds();
            for (int i = 0; i < tries; i++) {
                syscalls.answer(bindsIn(1));
                assertThrows(LinuxException.class, () -> driver.register(request));
            }
            assertTrue(eventfds() < before + tries / 2, "eventfds, with those of tests that run beside this one");
        }
    }

    private static long eventfds() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).toString().contains("eventfd");
                        } catch (IOException closedMeanwhile) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void aFailedBindClosesItsDescriptor() {
        syscalls.answer(fails(Errno.EBUSY));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortRequest request = PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC);
            LinuxException e = assertThrows(LinuxException.class, () -> driver.register(request));
            assertEquals(Errno.EBUSY, e.errno());
            assertEquals(1, syscalls.openDescriptors.size(), "only the driver's own");
        }
    }

    @Test
    void aClosedDriverRefuses() {
        syscalls.answer(bindsIn(1));
        KernelDriver driver = new KernelDriver(syscalls);
        driver.close();
        driver.close();
        PortRequest request = PortRequest.of("eth0", NmreqRegister.NR_REG_ALL_NIC);
        assertEquals(
                Errno.EBADF,
                assertThrows(LinuxException.class, () -> driver.register(request))
                        .errno());
        assertEquals(
                Errno.EBADF,
                assertThrows(LinuxException.class, () -> driver.portInfo("eth0", 0))
                        .errno());
        assertTrue(syscalls.openDescriptors.isEmpty());
    }

    @Test
    void availableIsWhatCanBeOpened() {
        assertTrue(KernelDriver.available(syscalls));
        assertTrue(syscalls.openDescriptors.isEmpty());
        assertFalse(KernelDriver.available(syscalls.failOpen(Errno.EACCES)));
    }

    @ParameterizedTest
    @CsvSource({"ENOENT, modprobe netmap", "EACCES, run as root"})
    void aDeviceThatCannotBeOpenedSaysWhy(Errno errno, String remedy) {
        syscalls.failOpen(errno);
        LinuxException e = assertThrows(LinuxException.class, () -> new KernelDriver(syscalls));
        assertTrue(e.getMessage().startsWith("open /dev/netmap: " + errno + " ("), e.getMessage());
        assertTrue(e.getMessage().contains(remedy), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "EBUSY,      eth0,    1, 0,     0, choose another port",
        "EINVAL,     eth0,    1, 0x400, 0, a monitor needs a port",
        "EINVAL,     eth0,    1, 0,     5, no memory region 5",
        "EINVAL,     eth0{1,  3, 0,     0, has no host rings",
        "EINVAL,     vale0:1, 2, 0,     0, the port has no host rings",
        "EINVAL,     eth0,    4, 0,     0, the port has no ring 6",
        "EINVAL,     x,       7, 0,     0, needs a memory id",
        "EINVAL,     vale0:1, 1, 0,     0, not attached to the switch",
        "EINVAL,     eth0,    1, 0,     0, ip link set dev eth0 mtu 1500",
        "ENXIO,      eth9,    1, 0,     0, there is no device eth9",
        "EIO,        vale0:1, 1, 0,     0, virtio-net header",
        "ENOMEM,     vale!:1, 1, 0,     0, the switch's name",
        "ENOMEM,     eth0,    1, 0,     0, buf_num",
        "ENOMEM,     x{1,     1, 0,     5, bridge the two",
        "EOPNOTSUPP, eth0,    1, 0,     0, echo 0 > /sys/module/netmap/parameters/admode",
        "EOPNOTSUPP, eth0,    1, 0,     0, e1000-paravirt",
        "EOPNOTSUPP, eth0,    1, 0x100, 0, has no monitors",
        "EOPNOTSUPP, vale0:1, 1, 0,     0, has no VALE switches",
        "ENOTTY,     eth0,    1, 0,     0, not netmap's device"
    })
    void aRefusalSaysWhatToDo(Errno errno, String name, int mode, String flags, int memId, String remedy) {
        syscalls.answer(fails(errno));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            PortRequest request = new PortRequest(name, mode, 6, Integer.decode(flags), memId, 0, 0, 0, 0, 0, 0, 0);
            LinuxException e = assertThrows(LinuxException.class, () -> driver.register(request));
            assertTrue(
                    e.getMessage().startsWith("NETMAP_REQ_REGISTER of " + name + ": " + errno + " ("), e.getMessage());
            assertTrue(e.getMessage().contains(remedy), e.getMessage());
        }
    }

    /** Answers a request of a type after a look at the bytes of its body. */
    private void expect(RequestType type, String name, String bodyHex, RecordedSyscalls.Answer answer) {
        syscalls.answer(header -> {
            assertEquals(type.number(), NmreqHeader.REQTYPE.readInt(header));
            assertEquals(name, NmreqHeader.NAME.readText(header));
            long body = NmreqHeader.BODY.read(header);
            assertEquals(bodyHex, body == 0 ? "" : HexFormat.of().formatHex(bytes(body, type.bodySize())));
            return answer.to(header);
        });
    }

    @Test
    void switchesAreListedPortByPort() {
        String[] names = {"vale0:a", "vale2:b"};
        int[][] found = {{0, 3}, {2, 0}};
        String[] asked = {"0000000000000000", "0000000004000000", "0200000001000000"};
        for (int i = 0; i < 2; i++) {
            int number = i;
            expect(RequestType.VALE_LIST, "", asked[i], header -> {
                NmreqHeader.NAME.writeText(header, names[number]);
                NmreqValeList.BRIDGE_IDX.write(NmreqHeader.BODY.read(header), found[number][0]);
                NmreqValeList.PORT_IDX.write(NmreqHeader.BODY.read(header), found[number][1]);
                return 0;
            });
        }
        expect(RequestType.VALE_LIST, "", asked[2], fails(Errno.ENOENT));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            assertEquals(
                    List.of(
                            new SwitchPort("vale0:a", 0, 3, Optional.empty()),
                            new SwitchPort("vale2:b", 2, 0, Optional.empty())),
                    driver.valeList());
        }
    }

    @Test
    void switchesAreManaged() {
        // nmreq_register: 512 and 256 slots, memory id 3, mode 3; then the port's index.
        expect(
                RequestType.VALE_ATTACH,
                "vale0:eth0",
                "00000000000000000000000000000000" + "0002000000010000" + "0000000000000000" + "0300000003000000"
                        + "0000000000000000" + "0000000000000000" + "0000000000000000",
                header -> {
                    NmreqValeAttach.PORT_INDEX.write(NmreqHeader.BODY.read(header), 7);
                    return 0;
                });
        expect(RequestType.VALE_DETACH, "vale0:eth0", "0000000000000000", header -> {
            NmreqValeDetach.PORT_INDEX.write(NmreqHeader.BODY.read(header), 7);
            return 0;
        });
        expect(RequestType.VALE_NEWIF, "v0", "40000000200000000200010003000000", header -> 0);
        expect(RequestType.VALE_DELIF, "v0", "", header -> 0);
        expect(RequestType.VALE_DELIF, "v0", "", fails(Errno.EBUSY));
        try (KernelDriver driver = new KernelDriver(syscalls)) {
            assertEquals(
                    7,
                    driver.valeAttach(new PortRequest(
                            "vale0:eth0", NmreqRegister.NR_REG_NIC_SW, 0, 0, 3, 512, 256, 0, 0, 0, 0, 0)));
            assertEquals(7, driver.valeDetach("vale0:eth0"));
            assertEquals(
                    3,
                    driver.valeNewif(
                            new PortRequest("v0", NmreqRegister.NR_REG_ALL_NIC, 0, 0, 3, 64, 32, 2, 1, 0, 0, 0)));
            driver.valeDelif("v0");
            LinuxException refusal = assertThrows(LinuxException.class, () -> driver.valeDelif("v0"));
            assertEquals(Errno.EBUSY, refusal.errno());
            assertTrue(refusal.getMessage().startsWith("NETMAP_REQ_VALE_DELIF of v0: EBUSY"), refusal.getMessage());
        }
    }
}
