// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.abi.PortSpec.Conf;
import io.ptnetmap.abi.PortSpec.Extmem;
import io.ptnetmap.abi.PortSpec.Offset;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The grammar on specifications that nobody thought of. */
class PortSpecPropertiesTest {
    @Property
    void anyTextIsEitherReadOrRefused(@ForAll("texts") String text) {
        PortSpec spec;
        try {
            spec = PortSpec.parseWithOffsets(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        assertEquals(spec, PortSpec.parseWithOffsets(spec.toString()));
    }

    /** Pieces of the grammar in any order, and plain noise. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> pieces = Arbitraries.of(
                "netmap:",
                "vale",
                "eth0",
                "a",
                "{",
                "}",
                "1",
                "2",
                "65536",
                "-",
                "^",
                "*",
                "/",
                "x",
                "zR",
                "@",
                ":",
                "=",
                ",",
                "conf",
                "share",
                "extmem",
                "offset",
                "file",
                "slots",
                "tx-rings",
                "tx_rings",
                "initial",
                "bits",
                "\0");
        Arbitrary<String> sentences = pieces.list().ofMaxSize(12).map(words -> String.join("", words));
        return Arbitraries.oneOf(sentences, sentences.map("netmap:eth0"::concat), Arbitraries.strings());
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void whatIsWrittenIsReadAgain(@ForAll("specs") PortSpec spec) {
        assertEquals(spec, PortSpec.parseWithOffsets(spec.toString()));
    }

    @Provide
    Arbitrary<PortSpec> specs() {
        Arbitrary<Integer> count = Arbitraries.integers().between(0, 0xffff);
        Arbitrary<String> value =
                Arbitraries.strings().alpha().numeric().withChars("/:.{}-_").ofMinLength(1);
        Arbitrary<String> name = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars(".:+ é")
                .ofMinLength(1)
                .ofMaxLength(20);
        Arbitrary<String> pipe = Arbitraries.of("", "{1", "}x_Y");
        Arbitrary<Conf> conf =
                Combinators.combine(count, count, count, count, count, count).as(Conf::new);
        Arbitrary<Extmem> extmem = Combinators.combine(value, count, count, count, count, count, count)
                .as(Extmem::new);
        Arbitrary<Offset> offset = Combinators.combine(
                        count, Arbitraries.integers().between(0, 64))
                .as(Offset::new);
        Arbitrary<Integer> flags = Arbitraries.integers().map(bits -> bits & PortSpecFlag.ALL);
        Arbitrary<int[]> modeAndRing = Combinators.combine(
                        Arbitraries.of(1, 2, 3, 4, 8), Arbitraries.integers().between(0, PortSpec.MAX_RING))
                .as((mode, ring) -> new int[] {mode, mode >= NmreqRegister.NR_REG_ONE_NIC ? ring : 0});
        return Combinators.combine(
                        Combinators.combine(name, pipe).as(String::concat),
                        modeAndRing,
                        flags,
                        count,
                        conf,
                        value.optional(),
                        extmem.optional(),
                        offset.optional())
                .as((port, mode, flag, memId, sizes, share, memory, start) ->
                        new PortSpec(port, mode[0], mode[1], flag, memId, sizes, share, memory, start));
    }
}
