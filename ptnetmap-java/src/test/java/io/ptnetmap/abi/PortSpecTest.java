// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.abi.PortSpec.Conf;
import io.ptnetmap.abi.PortSpec.Extmem;
import io.ptnetmap.abi.PortSpec.Offset;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * The grammar against what libnetmap makes of 64 specifications. The vectors' third column, {@code nm_open}, is the
 * grammar of the header-only library that libnetmap has replaced; nothing here follows it.
 */
class PortSpecTest {
    static Stream<JsonNode> vectors() {
        return AbiFacts.elements("/vectors/port_specs/cases");
    }

    /** libnetmap's first step: everything but the options, which it leaves in {@code rest}. */
    @ParameterizedTest
    @MethodSource("vectors")
    void readsNameModeFlagsAndMemoryId(JsonNode vector) {
        String text = vector.get("spec").asString();
        JsonNode expected = vector.get("libnetmap");
        if (expected.has("errno")) {
            assertThrows(IllegalArgumentException.class, () -> PortSpec.parse(text));
            return;
        }
        String rest = expected.get("rest").asString();
        PortSpec spec = PortSpec.parse(text.substring(0, text.length() - rest.length()));
        assertEquals(expected.get("nr_name").asString(), spec.name());
        assertEquals(expected.get("nr_mode").asInt(), spec.mode());
        assertEquals(expected.get("nr_ringid").asInt(), spec.ringId());
        assertEquals(Integer.decode(expected.get("nr_flags").asString()), spec.flags());
        assertEquals(expected.get("nr_mem_id").asInt(), spec.memId());
    }

    /** All of it, with the options. */
    @ParameterizedTest
    @MethodSource("vectors")
    void readsOptions(JsonNode vector) {
        String text = vector.get("spec").asString();
        JsonNode expected = vector.get("prepare");
        if (expected.has("error_errno")) {
            assertThrows(IllegalArgumentException.class, () -> PortSpec.parse(text));
            return;
        }
        PortSpec spec = PortSpec.parse(text);
        Conf conf = new Conf(
                expected.get("tx_slots").asInt(),
                expected.get("rx_slots").asInt(),
                expected.get("tx_rings").asInt(),
                expected.get("rx_rings").asInt(),
                expected.get("host_tx_rings").asInt(),
                expected.get("host_rx_rings").asInt());
        assertEquals(conf, spec.conf());
        assertEquals(expected.get("mem_id").asInt(), spec.memId());
        assertEquals(spec, PortSpec.parse(spec.toString()));
    }

    @Test
    void offsetIsForThoseWhoAskForIt() {
        PortSpec spec = PortSpec.parseWithOffsets("netmap:eth0@offset:initial=64,bits=16");
        assertEquals(Optional.of(new Offset(64, 16)), spec.offset());
        assertEquals(
                Optional.of(new Offset(64, 0)),
                PortSpec.parseWithOffsets("netmap:eth0@offset=64").offset());
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> PortSpec.parse("netmap:eth0@offset=64"));
        assertTrue(refused.getMessage().contains("leave it out"), refused.getMessage());
    }

    @Test
    void readsShareAndExtmem() {
        PortSpec spec =
                PortSpec.parse("netmap:eth0@share=netmap:eth1@extmem:file=/dev/shm/pool,buf_num=1024,if-size=512");
        assertEquals(Optional.of("netmap:eth1"), spec.share());
        assertEquals(Optional.of(new Extmem("/dev/shm/pool", 0, 512, 0, 0, 1024, 0)), spec.extmem());
        assertEquals(
                Optional.of(new Extmem("/mnt/huge", 0, 0, 0, 0, 0, 0)),
                PortSpec.parse("netmap:eth0@extmem=/mnt/huge").extmem());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            eth0                           | 1  | 'netmap:'
            vale0                          | 1  | 'netmap:'
            netmap:                        | 8  | a name of 1 to 63 bytes
            netmap:pipe{                   | 13 | a pipe's id
            netmap:pipe{1}2                | 14 | a pipe's id
            netmap:eth0-x                  | 13 | a ring number, 0 to 4094
            netmap:eth0-4095               | 13 | a ring number, 0 to 4094
            netmap:eth0-99999999999999     | 13 | a ring number, 0 to 4094
            netmap:eth0^x                  | 13 | '/', '@' or the end
            netmap:eth0/                   | 13 | a flag, one of xztrRT
            netmap:eth0/xq                 | 14 | a flag, one of xztrRT
            netmap:eth0@0                  | 13 | a memory id, 1 to 65535
            netmap:eth0@65536              | 13 | a memory id, 1 to 65535
            netmap:eth0@2@3                | 15 | memory id 2 as before
            netmap:eth0@                   | 13 | an option: share, conf, extmem, offset
            netmap:eth0@nosuch=1           | 13 | an option: share, conf, extmem, offset
            netmap:eth0@conf               | 17 | keys of conf
            netmap:eth0@conf=2             | 17 | keys of conf
            netmap:eth0@conf:bogus=1       | 18 | a key of conf: host-rings
            netmap:eth0@conf:slots         | 23 | '=' and a value
            netmap:eth0@conf:slots=        | 24 | a value
            netmap:eth0@conf:slots=many    | 18 | a number for slots
            netmap:eth0@conf:rings=65536   | 18 | a number for rings, 0 to 65535
            netmap:eth0@conf:slots=1,slots=2 | 26 | key slots only once
            netmap:eth0@share              | 18 | its port
            netmap:eth0@share=a@share=b    | 21 | this option only once
            netmap:eth0@extmem:buf-num=4   | 19 | key file
            """)
    void complaintSaysWhereAndWhatIsExpected(String text, int character, String what) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> PortSpec.parse(text));
        String start = "port " + text + ", character " + character + ": expected ";
        assertTrue(e.getMessage().startsWith(start), e.getMessage());
        assertTrue(e.getMessage().contains(what), e.getMessage());
    }

    @Test
    void namesEndBeforeNul() {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> PortSpec.parse("netmap:a\0b"));
        assertTrue(e.getMessage().contains("character 9: expected '/', '@' or the end"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "netmap:eth0, netmap:eth0",
        "netmap:vale0:1-2/Tx, vale0:1-2/xT",
        "netmap:link{1^3@4, netmap:link{1^3@4",
        "'netmap:eth0*@2/x@conf:slots=64,tx_rings=2', 'netmap:eth0*/x@2@conf:tx-slots=64,rx-slots=64,tx-rings=2'"
    })
    void hasOneCanonicalForm(String text, String canonical) {
        assertEquals(canonical, PortSpec.parse(text).toString());
    }

    @Test
    void aSpecificationThatCannotBeWrittenCannotBeMade() {
        Conf conf = Conf.DEFAULT;
        assertThrows(IllegalArgumentException.class, () -> spec("br-lan", 1, 0, 0, 0, conf));
        assertThrows(IllegalArgumentException.class, () -> spec("a\0b", 1, 0, 0, 0, conf));
        assertThrows(IllegalArgumentException.class, () -> spec("eth0", NmreqRegister.NR_REG_NULL, 0, 0, 0, conf));
        assertThrows(IllegalArgumentException.class, () -> spec("eth0", NmreqRegister.NR_REG_ALL_NIC, 1, 0, 0, conf));
        assertThrows(IllegalArgumentException.class, () -> spec("eth0", 1, 0, NmreqRegister.NR_NO_TX_POLL, 0, conf));
        assertThrows(IllegalArgumentException.class, () -> spec("eth0", 1, 0, 0, 0x10000, conf));
        assertThrows(IllegalArgumentException.class, () -> new Conf(-1, 0, 0, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Extmem("a,b", 0, 0, 0, 0, 0, 0));
    }

    private static PortSpec spec(String name, int mode, int ringId, int flags, int memId, Conf conf) {
        return new PortSpec(
                name, mode, ringId, flags, memId, conf, Optional.empty(), Optional.empty(), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "netmap:eth0, false, false",
        "netmap:valeria0, false, false",
        "vale0:1, true, false",
        "valeA:eth0-2, true, false",
        "netmap:x{1, false, true",
        "netmap:valeria}1, false, true",
        "vale0:1}2, true, true"
    })
    void tellsWhatANameIsMeantFor(String text, boolean ofSwitch, boolean ofPipe) {
        PortSpec spec = PortSpec.parse(text);
        assertEquals(ofSwitch, spec.isSwitchPort());
        assertEquals(ofPipe, spec.isPipeEnd());
    }
}
