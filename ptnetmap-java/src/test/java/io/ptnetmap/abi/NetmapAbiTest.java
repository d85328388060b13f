// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.abi.PoolLayout.Limits;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Everything that {@code netmap-abi.json} says of the kernel's ABI has its place in this package, with its value. */
class NetmapAbiTest {
    /** Private to netmap's C libraries, in no interface: a binding in another language has its own in their place. */
    private static final Set<String> STRUCTS_OF_C_LIBRARIES =
            Set.of("nm_pkthdr", "nm_stat", "nm_desc", "nmport_d", "nmctx", "nmem_d");

    /** Constants of the same libraries. */
    private static final String CONSTANTS_OF_C_LIBRARIES = "user_lib";

    /** Never read nor written. */
    private static final Pattern PADDING = Pattern.compile("(ni_)?(pad|spare)\\d*");

    private static final Pattern FIELD_PREFIX = Pattern.compile("^(nr|nro|ni|nifr)_");

    private static final List<Class<?>> CONSTANTS = List.of(
            NetmapApi.class,
            NetmapIf.class,
            NetmapRing.class,
            NetmapSlot.class,
            NmreqRegister.class,
            NmreqValePolling.class,
            NmreqOptSyncKloopMode.class,
            Nmreq.class,
            NmIfreq.class,
            NmCsbAtok.class,
            KernelLimits.class,
            Ptnetmap.class,
            Ioctl.class,
            Linux.class);

    private static final Map<String, Object> VALUES = values();

    /** All constants of this package by netmap's names. */
    private static Map<String, Object> values() {
        Map<String, Object> values = new HashMap<>();
        for (Class<?> owner : CONSTANTS) {
            constants(owner).forEach(values::put);
        }
        for (RequestType type : RequestType.values()) {
            values.put("NETMAP_REQ_" + type, type.number());
        }
        for (OptionType type : OptionType.values()) {
            values.put("NETMAP_REQ_OPT_" + type, type.number());
        }
        values.put("NETMAP_REQ_OPT_MAX", OptionType.MAX);
        for (Errno errno : Errno.values()) {
            values.put(errno.name(), errno.number());
        }
        values.put("NM_BDG_HASH", ValeHash.BUCKETS);
        return values;
    }

    private static Map<String, Object> constants(Class<?> owner) {
        return Arrays.stream(owner.getDeclaredFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && Modifier.isPublic(field.getModifiers()))
                .collect(Collectors.toMap(java.lang.reflect.Field::getName, NetmapAbiTest::value));
    }

    private static Object value(java.lang.reflect.Field field) {
        try {
            return field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static long number(String constant) {
        Object value = VALUES.get(constant);
        assertNotNull(value, () -> constant + " has no place in the code");
        return ((Number) value).longValue();
    }

    static Stream<JsonNode> structs() {
        return AbiFacts.elements("/structs");
    }

    @ParameterizedTest
    @MethodSource("structs")
    void structHasItsLayout(JsonNode struct) throws ClassNotFoundException {
        String name = struct.get("name").asString();
        boolean kernelAbi = struct.get("origin").asString().equals("kernel ABI");
        if (STRUCTS_OF_C_LIBRARIES.contains(name)) {
            assertTrue(!kernelAbi, name + " is kernel ABI and may not be left out");
        } else if (name.equals("timeval")) {
            checkTimeval(struct);
        } else {
            checkStruct(struct, Class.forName("io.ptnetmap.abi." + className(name)));
        }
    }

    private static String className(String struct) {
        return Arrays.stream(struct.split("_"))
                .map(word -> word.substring(0, 1).toUpperCase() + word.substring(1))
                .collect(Collectors.joining());
    }

    /** A structure of the system's, which netmap has inside its ring. */
    private static void checkTimeval(JsonNode struct) {
        assertEquals(struct.at("/fields/0/offset").asInt(), NetmapRing.TS_SEC_OFFSET - NetmapRing.TS_OFFSET);
        assertEquals(struct.at("/fields/1/offset").asInt(), NetmapRing.TS_USEC_OFFSET - NetmapRing.TS_OFFSET);
        assertEquals(
                NetmapRing.OFFSET_MASK_OFFSET - NetmapRing.TS_OFFSET,
                struct.get("size").asInt());
    }

    private static void checkStruct(JsonNode struct, Class<?> type) {
        Map<String, Object> constants = constants(type);
        assertEquals(struct.get("size").asInt(), constants.get("SIZE"), type + ".SIZE");
        Set<String> known = new HashSet<>();
        for (JsonNode field : struct.get("fields")) {
            String name = field.get("name").asString();
            if (!PADDING.matcher(name).matches()) {
                known.add(checkField(field, type, constants));
            }
        }
        constants.forEach((name, value) -> {
            if (value instanceof Field) {
                assertTrue(known.contains(name), type + "." + name + " is not in the structure");
            }
        });
    }

    private static String checkField(JsonNode field, Class<?> type, Map<String, Object> constants) {
        String full = field.get("name").asString().toUpperCase();
        String plain = FIELD_PREFIX
                .matcher(field.get("name").asString())
                .replaceFirst("")
                .toUpperCase();
        String name = Stream.of(plain, full, plain + "_OFFSET", full + "_OFFSET")
                .filter(candidate -> constants.get(candidate) instanceof Field || candidate.endsWith("_OFFSET"))
                .filter(constants::containsKey)
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " has no " + full));
        if (constants.get(name) instanceof Field constant) {
            assertEquals(field.get("offset").asInt(), constant.offset(), type + "." + name);
            assertEquals(field.get("size").asInt(), constant.size(), "size of " + type + "." + name);
        } else {
            assertEquals(field.get("offset").asInt(), constants.get(name), type + "." + name);
        }
        return name;
    }

    static Stream<JsonNode> constantFacts() {
        return AbiFacts.elements("/constants");
    }

    @ParameterizedTest
    @MethodSource("constantFacts")
    void constantHasItsValue(JsonNode constant) {
        if (!constant.get("group").asString().equals(CONSTANTS_OF_C_LIBRARIES)) {
            String name = constant.get("name").asString();
            assertEquals(constant.get("value").asLong(), number(name), name);
        }
    }

    static Stream<JsonNode> ioctls() {
        return AbiFacts.elements("/ioctls");
    }

    @ParameterizedTest
    @MethodSource("ioctls")
    void ioctlHasItsNumber(JsonNode ioctl) {
        String name = ioctl.get("name").asString();
        assertEquals(ioctl.get("value").asLong(), number(name), name);
    }

    @Test
    void stringsAreThere() {
        AbiFacts.at("/strings")
                .properties()
                .forEach(
                        entry -> assertEquals(entry.getValue().asString(), VALUES.get(entry.getKey()), entry.getKey()));
    }

    @Test
    void requestBodiesHaveTheirSizes() {
        Map<String, Integer> sizes = Arrays.stream(RequestType.values())
                .collect(Collectors.toMap(type -> "NETMAP_REQ_" + type, RequestType::bodySize));
        Map<String, Integer> facts = AbiFacts.at("/request_body_sizes").properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asInt()));
        assertEquals(facts, sizes);
    }

    @Test
    void optionBodiesHaveTheirSizes() {
        JsonNode facts = AbiFacts.at("/option_body_sizes_after_24_byte_header");
        assertEquals(OptionType.values().length, facts.size());
        for (OptionType type : OptionType.values()) {
            JsonNode fact = facts.get("NETMAP_REQ_OPT_" + type);
            if (fact.isString()) {
                assertEquals("nro_size-24 when nro_size>=24 else 0", fact.asString());
                assertEquals(0, type.bodySize(0));
                assertEquals(0, type.bodySize(24));
                assertEquals(40, type.bodySize(NmreqOptSyncKloopEventfds.size(5)));
            } else {
                assertEquals(fact.asInt(), type.bodySize(0), type.name());
                assertEquals(fact.asInt(), type.bodySize(1000), type.name());
            }
        }
    }

    /** Facts that netmap has no name for, and what the code calls them. */
    private static final Map<String, List<Integer>> LIMITS = Map.ofEntries(
            Map.entry("vnet header length A", List.of(KernelLimits.VNET_HDR_LEN)),
            Map.entry("vnet header length B", List.of(KernelLimits.VNET_HDR_MRG_RXBUF_LEN)),
            Map.entry("VALE max extra bufs at port creation", List.of(KernelLimits.VALE_MAX_EXTRA_BUFS)),
            Map.entry("VALE default pipes accounted in a private region", List.of(KernelLimits.VALE_DEFAULT_PIPES)),
            Map.entry("first allocatable buffer index", List.of(KernelLimits.FIRST_BUFFER)),
            Map.entry("if pool object size min", List.of(Limits.GLOBAL_IF.minSize())),
            Map.entry("if pool object size max", List.of(Limits.GLOBAL_IF.maxSize())),
            Map.entry("if pool count min/max (global)", counts(Limits.GLOBAL_IF)),
            Map.entry("if pool count min/max (private)", counts(Limits.PRIVATE_IF)),
            Map.entry("ring pool object size min", List.of(Limits.GLOBAL_RING.minSize())),
            Map.entry("ring pool object size max", List.of(Limits.GLOBAL_RING.maxSize())),
            Map.entry("ring pool count min/max", counts(Limits.GLOBAL_RING)),
            Map.entry("buf pool object size min", List.of(Limits.GLOBAL_BUF.minSize())),
            Map.entry("buf pool object size max", List.of(Limits.GLOBAL_BUF.maxSize())),
            Map.entry("buf pool count min/max", counts(Limits.GLOBAL_BUF)),
            Map.entry("kloop sleep_us max", List.of(KernelLimits.KLOOP_MAX_SLEEP_US)),
            Map.entry("kloop event-mode wait bound, ms", List.of(KernelLimits.KLOOP_WAIT_MS)),
            Map.entry("kloop rx dry cycles", List.of(KernelLimits.KLOOP_RX_DRY_CYCLES)),
            Map.entry("generic rx_buf_maxsize", List.of(KernelLimits.GENERIC_RX_BUF_MAXSIZE)),
            Map.entry("default rx_buf_maxsize", List.of(KernelLimits.DEFAULT_RX_BUF_MAXSIZE)),
            Map.entry("NETMAP_BUF default size", List.of(Limits.GLOBAL_BUF.defaultSize())),
            Map.entry("NR_RX", List.of(NetmapRing.DIR_RX)),
            Map.entry("NR_TX", List.of(NetmapRing.DIR_TX)));

    private static List<Integer> counts(Limits limits) {
        return List.of(limits.minCount(), limits.maxCount());
    }

    static Stream<JsonNode> kernelLimits() {
        return AbiFacts.elements("/kernel_limits");
    }

    @ParameterizedTest
    @MethodSource("kernelLimits")
    void kernelLimitHasItsValue(JsonNode limit) {
        String name = limit.get("name").asString();
        String constant = name.replaceFirst("^([A-Z_]+) \\(.*\\)$", "$1");
        List<Integer> expected = limit.get("value").isArray()
                ? limit.get("value").valueStream().map(JsonNode::asInt).toList()
                : List.of(limit.get("value").asInt());
        List<Integer> actual = LIMITS.containsKey(constant) ? LIMITS.get(constant) : List.of((int) number(constant));
        assertEquals(expected, actual, name);
    }

    @Test
    void poolLimitsThatTheTwoKindsOfRegionsShareAreTheSame() {
        assertEquals(counts(Limits.GLOBAL_RING), counts(Limits.PRIVATE_RING));
        assertEquals(counts(Limits.GLOBAL_BUF), counts(Limits.PRIVATE_BUF));
        for (String pool : List.of("IF", "RING", "BUF")) {
            Limits global = Limits.valueOf("GLOBAL_" + pool);
            Limits priv = Limits.valueOf("PRIVATE_" + pool);
            assertEquals(global.minSize(), priv.minSize());
            assertEquals(global.maxSize(), priv.maxSize());
        }
    }

    static Stream<JsonNode> encodings() {
        return AbiFacts.elements("/vectors/encodings");
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void encodesToTheSameBytes(JsonNode vector) {
        byte[] expected = AbiFacts.encoding(vector.get("name").asString());
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(expected.length, 64).address();
            encode(vector.get("name").asString(), address);
            byte[] actual = new byte[expected.length];
            Memory.copy(address, actual, 0, actual.length);
            assertArrayEquals(expected, actual);
        }
    }

    private static void encode(String name, long to) {
        switch (name) {
            case "nmreq_header" ->
                NmreqHeader.write(to, RequestType.REGISTER, "eth0", 0x1122334455667788L, 0x99aabbccddeeff00L);
            case "nmreq_register" -> encodeRegister(to);
            case "nmreq (legacy)" -> encodeLegacy(to);
            case "netmap_slot" -> {
                int flags = NetmapSlot.NS_BUF_CHANGED | NetmapSlot.NS_MOREFRAG;
                NetmapSlot.write(to, NetmapSlot.descriptor(0x01020304, 0x0506, flags));
                NetmapSlot.ptr(to, 0x1112131415161718L);
            }
            case "nmreq_opt_csb" -> NmreqOptCsb.write(to, 0, 0x1000, 0x2000);
            case "nmreq_opt_offsets" -> NmreqOptOffsets.write(to, 0, 256, 64, 16);
            case "netmap_ring header as upstream writes it for a fresh TX ring" -> {
                NetmapRing.bufOfs(to, 389120);
                NetmapRing.numSlots(to, 1024);
                NetmapRing.bufSize(to, 2048);
                NetmapRing.dir(to, NetmapRing.DIR_TX);
                NetmapRing.tail(to, 1023);
            }
            default -> throw new AssertionError("no encoder for " + name);
        }
    }

    private static void encodeRegister(long to) {
        NmreqRegister.OFFSET.write(to, 0x0102030405060708L);
        NmreqRegister.MEMSIZE.write(to, 0x1112131415161718L);
        NmreqRegister.TX_SLOTS.write(to, 0x21222324);
        NmreqRegister.RX_SLOTS.write(to, 0x31323334);
        NmreqRegister.TX_RINGS.write(to, 0x4142);
        NmreqRegister.RX_RINGS.write(to, 0x5152);
        NmreqRegister.HOST_TX_RINGS.write(to, 0x6162);
        NmreqRegister.HOST_RX_RINGS.write(to, 0x7172);
        NmreqRegister.MEM_ID.write(to, 0x8182);
        NmreqRegister.RINGID.write(to, 0x9192);
        NmreqRegister.MODE.write(to, 0xa1a2a3a4L);
        NmreqRegister.EXTRA_BUFS.write(to, 0xb1b2b3b4L);
        NmreqRegister.FLAGS.write(to, 0xc1c2c3c4c5c6c7c8L);
    }

    private static void encodeLegacy(long to) {
        Nmreq.NAME.writeText(to, "vale0:a");
        Nmreq.VERSION.write(to, NetmapApi.NETMAP_API);
        Nmreq.OFFSET.write(to, 0x01020304);
        Nmreq.MEMSIZE.write(to, 0x11121314);
        Nmreq.TX_SLOTS.write(to, 1024);
        Nmreq.RX_SLOTS.write(to, 512);
        Nmreq.TX_RINGS.write(to, 2);
        Nmreq.RX_RINGS.write(to, 3);
        Nmreq.RINGID.write(to, Nmreq.NETMAP_NO_TX_POLL | 1);
        Nmreq.ARG1.write(to, 4);
        Nmreq.ARG2.write(to, 5);
        Nmreq.ARG3.write(to, 64);
        Nmreq.FLAGS.write(to, NmreqRegister.NR_EXCLUSIVE | NmreqRegister.NR_REG_ALL_NIC);
    }

    @Test
    void fieldsKeepTheirWidth() {
        try (Arena arena = Arena.ofConfined()) {
            long body = arena.allocate(NmreqRegister.SIZE).fill((byte) 0xff).address();
            NmreqRegister.TX_RINGS.write(body, 0x1234);
            assertEquals(0x1234, NmreqRegister.TX_RINGS.readInt(body));
            assertEquals(0xffff, NmreqRegister.RX_RINGS.readInt(body), "the neighbour is untouched");
            assertEquals(0xffff_ffffL, NmreqRegister.RX_SLOTS.read(body), "numbers are unsigned");
            NmreqRegister.RX_RINGS.write(body, 0xffff);
            IllegalArgumentException tooBig =
                    assertThrows(IllegalArgumentException.class, () -> NmreqRegister.RX_RINGS.write(body, 0x10000));
            assertEquals("65536 does not fit a field of 2 bytes", tooBig.getMessage());
            assertThrows(IllegalArgumentException.class, () -> NmreqRegister.RX_RINGS.write(body, -0x8001));
        }
    }

    @Test
    void namesEndWithNul() {
        try (Arena arena = Arena.ofConfined()) {
            long header = arena.allocate(NmreqHeader.SIZE).fill((byte) 0xff).address();
            String longest = "n".repeat(63);
            NmreqHeader.write(header, RequestType.REGISTER, longest, 0, 0);
            assertEquals(longest, NmreqHeader.NAME.readText(header));
            assertEquals(0, Memory.getByte(header + NmreqHeader.NAME.offset() + 63));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> NmreqHeader.write(header, RequestType.REGISTER, longest + "n", 0, 0));

            long netmapIf = arena.allocate(NetmapIf.SIZE).fill((byte) 0xff).address();
            NetmapIf.name(netmapIf, longest);
            assertEquals("n".repeat(15), NetmapIf.name(netmapIf));
            assertNotEquals(0, Memory.getByte(netmapIf + NetmapIf.VERSION_OFFSET), "the next field is untouched");
        }
    }

    @Test
    void eventfdPairsFollowTheOption() {
        try (Arena arena = Arena.ofConfined()) {
            long option = arena.allocate(NmreqOptSyncKloopEventfds.size(2), 8).address();
            NmreqOptSyncKloopEventfds.write(option, 0, 2);
            NmreqOptSyncKloopEventfds.pair(option, 1, 7, -1);
            assertEquals(40, NmreqOption.NRO_SIZE.read(option));
            assertEquals(7, Memory.getInt(option + 32));
            assertEquals(-1, Memory.getInt(option + 36));
        }
    }

    @Test
    void csbBlocksHoldWhatIsPublished() {
        try (Arena arena = Arena.ofConfined()) {
            var block = arena.allocate(NmCsbAtok.SIZE, 64);
            NmCsbAtok.publish(block.address(), 3, 5);
            NmCsbAtok.applNeedKick(block.address(), true);
            NmCsbAtok.syncFlags(block.address(), NmCsbAtok.NAF_FORCE_RECLAIM);
            int[] words = Arrays.copyOf(block.toArray(ValueLayout.JAVA_INT), 5);
            assertArrayEquals(new int[] {3, 5, 1, 2, 0}, words);
            assertEquals(3, NmCsbAtok.head(block.address()));
            assertEquals(5, NmCsbAtok.cur(block.address()));

            block.fill((byte) 0);
            NmCsbKtoa.publish(block.address(), 7, 9);
            NmCsbKtoa.kernNeedKick(block.address(), true);
            words = Arrays.copyOf(block.toArray(ValueLayout.JAVA_INT), 4);
            assertArrayEquals(new int[] {7, 9, 1, 0}, words);
            assertEquals(7, NmCsbKtoa.hwcur(block.address()));
            assertEquals(9, NmCsbKtoa.hwtail(block.address()));
            assertTrue(NmCsbKtoa.kernNeedKick(block.address()));
        }
    }
}
