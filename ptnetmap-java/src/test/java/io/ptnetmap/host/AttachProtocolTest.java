// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every message against the bytes of attach-vectors.json, both ways; a C implementation is held to the same. */
class AttachProtocolTest {
    private static final long MEMSIZE = 42369024;
    private static final Map<String, JsonNode> VECTORS = load();

    private static Map<String, JsonNode> load() {
        try (InputStream json = AttachProtocolTest.class.getResourceAsStream("attach-vectors.json")) {
            Map<String, JsonNode> vectors = new HashMap<>();
            JsonMapper.builder()
                    .build()
                    .readTree(json)
                    .get("vectors")
                    .forEach(vector -> vectors.put(vector.get("name").asString(), vector));
            return vectors;
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The body of a vector, whose header is checked. */
    private static ByteBuffer body(String name, int type, int sequence) {
        ByteBuffer message = ByteBuffer.wrap(
                        HexFormat.of().parseHex(VECTORS.get(name).get("hex").asString()))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(new AttachProtocol.Header(type, sequence, 0), AttachProtocol.header(message));
        return message;
    }

    private static void assertBytes(String name, ByteBuffer message) {
        message.flip();
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        assertEquals(VECTORS.get(name).get("hex").asString(), HexFormat.of().formatHex(bytes), name);
    }

    @Test
    void thereIsATestForEveryVector() {
        assertEquals(
                new TreeSet<>(Set.of(
                        "hello_request",
                        "hello_reply",
                        "register_request",
                        "register_reply",
                        "register_null_reply",
                        "release_request",
                        "release_reply",
                        "port_info_request",
                        "port_info_reply",
                        "pools_info_request",
                        "pools_info_reply",
                        "hello_csb_request",
                        "open_csb_request",
                        "open_csb_reply",
                        "start_request",
                        "start_reply",
                        "start_refusal",
                        "stop_request",
                        "stop_reply",
                        "register_refusal",
                        "refusal",
                        "vale_attach_request",
                        "vale_attach_reply",
                        "vale_detach_request",
                        "vale_detach_reply",
                        "vale_list_request",
                        "vale_list_reply",
                        "vale_list_uncounted_reply",
                        "vale_newif_request",
                        "vale_newif_reply",
                        "vale_delif_request",
                        "vale_delif_reply")),
                new TreeSet<>(VECTORS.keySet()));
    }

    @Test
    void hello() {
        assertBytes(
                "hello_request",
                AttachProtocol.message(AttachProtocol.HELLO, 1, 0).putInt(1));
        assertEquals(1, body("hello_request", AttachProtocol.HELLO, 1).getInt());
        assertBytes("hello_reply", reply(AttachProtocol.HELLO, 1).putInt(0));
        assertEquals(
                0,
                body("hello_reply", AttachProtocol.HELLO | AttachProtocol.REPLY, 1)
                        .getInt());
    }

    private static ByteBuffer reply(int type, int sequence) {
        return AttachProtocol.message(type | AttachProtocol.REPLY, sequence, 0);
    }

    @Test
    void registerRequest() {
        PortRequest request = new PortRequest("chain{1", 1, 3, 0x6000, 1, 1024, 512, 2, 5, 6, 7, 4);
        ByteBuffer out = AttachProtocol.message(AttachProtocol.REGISTER, 2, 0);
        AttachProtocol.putRequest(out, request);
        assertBytes("register_request", out);
        assertEquals(request, AttachProtocol.request(body("register_request", AttachProtocol.REGISTER, 2)));
    }

    @Test
    void registerReplies() {
        List<LaneEnd> lanes = List.of(
                new LaneEnd(true, 0, MEMSIZE + PipeLane.SIZE, 32768, 53248),
                new LaneEnd(false, 0, MEMSIZE, 73728, 12288));
        assertGrant(
                "register_reply",
                2,
                9,
                new Registration(new PortReply(1024, MEMSIZE, 1024, 512, 1, 1, 0, 0, 1, 4), lanes));
        assertGrant(
                "register_null_reply",
                3,
                10,
                new Registration(new PortReply(2048, MEMSIZE, 64, 64, 2, 0, 0, 0, 1, 0), List.of()));
    }

    private static void withGrant(Registration registration, Consumer<Grant> test) {
        Region region = new Region(1, new RegionConfig(12, 1024, 20, 20480, 20482, 2048));
        try {
            SlotOwner nobody = new PrivateRings(region, "nobody", List.of(), 0, List.of(), 0);
            test.accept(new Grant(region, registration.reply().offset(), registration, List.of(), -1, -1, nobody));
        } finally {
            region.close();
        }
    }

    private static void assertGrant(String vector, int sequence, int port, Registration registration) {
        withGrant(registration, grant -> {
            ByteBuffer out = reply(AttachProtocol.REGISTER, sequence);
            AttachProtocol.putGrant(out, port, grant);
            assertBytes(vector, out);
        });
        assertEquals(
                new AttachProtocol.Granted(port, 42377216, 20482, registration),
                AttachProtocol.granted(body(vector, AttachProtocol.REGISTER | AttachProtocol.REPLY, sequence)));
    }

    @Test
    void release() {
        assertBytes(
                "release_request",
                AttachProtocol.message(AttachProtocol.RELEASE, 4, 0).putInt(9));
        assertEquals(9, body("release_request", AttachProtocol.RELEASE, 4).getInt());
        assertBytes("release_reply", reply(AttachProtocol.RELEASE, 4));
        assertEquals(
                0,
                body("release_reply", AttachProtocol.RELEASE | AttachProtocol.REPLY, 4)
                        .remaining());
    }

    @Test
    void portInfo() {
        ByteBuffer out = AttachProtocol.message(AttachProtocol.PORT_INFO, 5, 0).putInt(0);
        AttachProtocol.putName(out, "chain}1");
        assertBytes("port_info_request", out);
        ByteBuffer in = body("port_info_request", AttachProtocol.PORT_INFO, 5);
        assertEquals(0, in.getInt());
        assertEquals("chain}1", AttachProtocol.name(in));

        PortReply info = new PortReply(0, MEMSIZE, 512, 1024, 1, 2, 0, 0, 1, 0);
        ByteBuffer answer = reply(AttachProtocol.PORT_INFO, 5);
        AttachProtocol.putReply(answer, info);
        assertBytes("port_info_reply", answer);
        assertEquals(
                info,
                AttachProtocol.reply(body("port_info_reply", AttachProtocol.PORT_INFO | AttachProtocol.REPLY, 5)));
    }

    @Test
    void poolsInfo() {
        ByteBuffer out = AttachProtocol.message(AttachProtocol.POOLS_INFO, 6, 0).putInt(1);
        AttachProtocol.putName(out, "chain{1");
        assertBytes("pools_info_request", out);
        ByteBuffer in = body("pools_info_request", AttachProtocol.POOLS_INFO, 6);
        assertEquals(1, in.getInt());
        assertEquals("chain{1", AttachProtocol.name(in));

        PoolsInfo pools = new PoolsInfo(
                MEMSIZE,
                1,
                new PoolsInfo.Pool(0, 12, 1024),
                new PoolsInfo.Pool(12288, 20, 20480),
                new PoolsInfo.Pool(421888, 20482, 2048));
        ByteBuffer answer = reply(AttachProtocol.POOLS_INFO, 6);
        AttachProtocol.putPools(answer, pools);
        assertBytes("pools_info_reply", answer);
        assertEquals(
                pools,
                AttachProtocol.pools(body("pools_info_reply", AttachProtocol.POOLS_INFO | AttachProtocol.REPLY, 6)));
    }

    @Test
    void openCsbRequest() {
        ByteBuffer hello = AttachProtocol.message(AttachProtocol.HELLO, 1, 0).putInt(AttachProtocol.HELLO_CSB_ONLY);
        assertBytes("hello_csb_request", hello);
        assertEquals(
                AttachProtocol.HELLO_CSB_ONLY,
                body("hello_csb_request", AttachProtocol.HELLO, 1).getInt());
        PortRequest request = new PortRequest("chain}1", 1, 0, 0, 1, 1024, 512, 1, 1, 0, 0, 0);
        ByteBuffer out = AttachProtocol.message(AttachProtocol.OPEN_CSB, 8, 0);
        AttachProtocol.putRequest(out, request);
        assertBytes("open_csb_request", out);
        assertEquals(request, AttachProtocol.request(body("open_csb_request", AttachProtocol.OPEN_CSB, 8)));
    }

    @Test
    void openCsbReply() {
        PortReply shape = new PortReply(1024, MEMSIZE, 1024, 512, 1, 2, 0, 0, 1, 0);
        withGrant(new Registration(shape, List.of()), grant -> {
            ByteBuffer out = reply(AttachProtocol.OPEN_CSB, 8);
            AttachProtocol.putCsbGrant(out, 11, grant);
            assertBytes("open_csb_reply", out);
            assertEquals(
                    new CsbClient.Granted(
                            11, 20482, MEMSIZE, shape, grant.region().poolsInfo(), CsbPort.CSB_SIZE),
                    CsbClient.Granted.read(body("open_csb_reply", AttachProtocol.OPEN_CSB | AttachProtocol.REPLY, 8)));
        });
    }

    @ParameterizedTest
    @CsvSource({"start, 7, 9", "stop, 8, 10"})
    void startAndStop(String name, int type, int sequence) {
        assertBytes(name + "_request", AttachProtocol.message(type, sequence, 0).putInt(11));
        assertEquals(11, body(name + "_request", type, sequence).getInt());
        assertBytes(name + "_reply", reply(type, sequence));
        assertEquals(
                0, body(name + "_reply", type | AttachProtocol.REPLY, sequence).remaining());
    }

    @Test
    void valeRequestsThatMakePorts() {
        assertRequest(
                "vale_attach",
                AttachProtocol.VALE_ATTACH,
                14,
                new PortRequest("vale0:eth0", 1, 0, 0, 1, 512, 256, 0, 0, 0, 0, 0),
                3);
        assertRequest(
                "vale_newif",
                AttachProtocol.VALE_NEWIF,
                18,
                new PortRequest("p0", 1, 0, 0, 0, 64, 32, 2, 1, 0, 0, 0),
                0);
    }

    private static void assertRequest(String name, int type, int sequence, PortRequest request, int answer) {
        ByteBuffer out = AttachProtocol.message(type, sequence, 0);
        AttachProtocol.putRequest(out, request);
        assertBytes(name + "_request", out);
        assertEquals(request, AttachProtocol.request(body(name + "_request", type, sequence)));
        assertBytes(name + "_reply", reply(type, sequence).putInt(answer));
        assertEquals(
                answer,
                body(name + "_reply", type | AttachProtocol.REPLY, sequence).getInt());
    }

    @ParameterizedTest
    @CsvSource({"vale_detach, 10, 15, vale0:eth0", "vale_delif, 13, 19, p0"})
    void valeRequestsThatEndPorts(String vector, int type, int sequence, String port) {
        ByteBuffer out = AttachProtocol.message(type, sequence, 0);
        AttachProtocol.putName(out, port);
        assertBytes(vector + "_request", out);
        assertEquals(port, AttachProtocol.name(body(vector + "_request", type, sequence)));
        ByteBuffer answer = reply(type, sequence);
        assertBytes(vector + "_reply", type == AttachProtocol.VALE_DETACH ? answer.putInt(3) : answer);
    }

    @Test
    void valeList() {
        assertBytes(
                "vale_list_request",
                AttachProtocol.message(AttachProtocol.VALE_LIST, 16, 0)
                        .putInt(1)
                        .putInt(2));
        Map<DropCause, Long> drops = new HashMap<>();
        for (DropCause cause : DropCause.values()) {
            drops.put(cause, cause.ordinal() + 1L);
        }
        assertSwitchPort(
                "vale_list_reply",
                16,
                new SwitchPort("vale2:b", 1, 4, Optional.of(new SwitchPort.Traffic(1000, 1500, 70, drops))));
        assertSwitchPort(
                "vale_list_uncounted_reply", 17, new SwitchPort("p0", SwitchPort.UNATTACHED, 0, Optional.empty()));
    }

    private static void assertSwitchPort(String vector, int sequence, SwitchPort port) {
        ByteBuffer out = reply(AttachProtocol.VALE_LIST, sequence);
        AttachProtocol.putSwitchPort(out, port);
        assertBytes(vector, out);
        assertEquals(
                port,
                AttachProtocol.switchPort(body(vector, AttachProtocol.VALE_LIST | AttachProtocol.REPLY, sequence)));
    }

    @ParameterizedTest
    @CsvSource({
        "refusal, 2, 7, REGISTER chain{1, EBUSY, ring 0 is open",
        "start_refusal, 7, 12, START, EBUSY, served already",
        "register_refusal, 2, 13, REGISTER, EPROTO, CSB ports only"
    })
    void refusal(String vector, int type, int sequence, String request, Errno errno, String detail) {
        LinuxException cause = new LinuxException(request, errno, detail);
        assertBytes(vector, AttachProtocol.refusal(type, sequence, cause));
        ByteBuffer in = ByteBuffer.wrap(
                        HexFormat.of().parseHex(VECTORS.get(vector).get("hex").asString()))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(
                new AttachProtocol.Header(type | AttachProtocol.REPLY, sequence, errno.number()),
                AttachProtocol.header(in));
        assertEquals(cause.getMessage(), AttachProtocol.text(in));
    }

    @Test
    void anotherVersionIsRefusedByItsNumber() {
        ByteBuffer message = AttachProtocol.message(AttachProtocol.HELLO, 1, 0).putShort(4, (short) 2);
        LinuxException refusal = assertThrows(LinuxException.class, () -> AttachProtocol.header(message.flip()));
        assertEquals(Errno.EPROTONOSUPPORT, refusal.errno());
        assertTrue(refusal.getMessage().contains("version 2"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15})
    void aMessageShorterThanItsHeaderIsRefused(int length) {
        ByteBuffer message =
                AttachProtocol.message(AttachProtocol.HELLO, 1, 0).flip().limit(length);
        assertEquals(
                Errno.EPROTO,
                assertThrows(LinuxException.class, () -> AttachProtocol.header(message))
                        .errno());
    }

    @Test
    void namesHaveAtMost63Bytes() {
        ByteBuffer out = AttachProtocol.message(AttachProtocol.PORT_INFO, 1, 0);
        AttachProtocol.putName(out, "a".repeat(63));
        assertEquals(
                Errno.ENAMETOOLONG,
                assertThrows(LinuxException.class, () -> AttachProtocol.putName(out, "ä".repeat(32)))
                        .errno());
    }
}
