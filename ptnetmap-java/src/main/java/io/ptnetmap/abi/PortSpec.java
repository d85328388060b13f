// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A port as its user names it (ABI §8.2):
 *
 * <pre>
 *   netmap:NAME[MODE][/FLAGS][@MEMID][@OPTION...]        vale*:NAME...
 *
 *   NAME    eth0   vale0:1   link{1 and link}1, the two ends of pipe 1 of link
 *   MODE    none all hardware rings   -N hardware ring N   ^ host rings   ^N host ring N   * hardware and host rings
 *   FLAGS   x exclusive   t, r monitor tx, rx   z zero-copy monitor   R, T receive, transmit rings only
 *   MEMID   number of the memory region to use
 *   OPTION  share=PORT                       the region that PORT uses
 *           conf:slots=512,tx-rings=2        sizes of a port that is created; also rx-slots, rings, host-tx-rings ...
 *           extmem=FILE                      the region is this file; extmem:file=FILE,buf-num=1024,buf-size=2048 ...
 *           offset=64, offset:initial=64,bits=16
 * </pre>
 *
 * Immutable. {@link #toString} gives a specification that parses to an equal one.
 *
 * @param name what the kernel is given: no {@code netmap:}, no suffixes
 * @param mode {@code NR_REG_ALL_NIC}, {@code SW}, {@code NIC_SW}, {@code ONE_NIC} or {@code ONE_SW}
 * @param ringId the ring of the {@code ONE_} modes, else 0
 * @param flags {@code NR_*} flags of {@link NmreqRegister}
 * @param memId memory region, 0 = the port's own
 * @param conf sizes wished for
 * @param share the port whose region to use
 * @param extmem memory to use as the region
 * @param offset where packets start in their buffers
 */
public record PortSpec(
        String name,
        int mode,
        int ringId,
        int flags,
        int memId,
        Conf conf,
        Optional<String> share,
        Optional<Extmem> extmem,
        Optional<Offset> offset) {
    /** Largest ring number that can be named. */
    public static final int MAX_RING = 4094;

    /** No character that ends a name, and after the first brace nothing but a pipe's id. */
    private static final Pattern NAME = Pattern.compile("[^-*^/@{}\\x00]*([{}][A-Za-z0-9_]+)?");

    /** What may stand after the {@code =} of an option. */
    private static final Pattern VALUE = Pattern.compile("[^,@]+");

    private static final Pattern VALE = Pattern.compile(NetmapApi.NM_BDG_NAME + "[A-Za-z0-9_]*:.*", Pattern.DOTALL);

    /** Largest memory id, and number of rings, that requests have room for. */
    static final int MAX_MEM_ID = 0xffff;

    static final int MAX_RINGS = 0xffff;

    /**
     * Sizes of a port that the request creates; 0 = default.
     *
     * @param txSlots slots per transmit ring
     * @param rxSlots slots per receive ring
     * @param txRings transmit rings
     * @param rxRings receive rings
     * @param hostTxRings host transmit rings
     * @param hostRxRings host receive rings
     */
    public record Conf(int txSlots, int rxSlots, int txRings, int rxRings, int hostTxRings, int hostRxRings) {
        public static final Conf DEFAULT = new Conf(0, 0, 0, 0, 0, 0);

        public Conf {
            requireUpTo(Integer.MAX_VALUE, txSlots, rxSlots);
            requireUpTo(MAX_RINGS, txRings, rxRings, hostTxRings, hostRxRings);
        }
    }

    /**
     * A file as the region, and how to divide it; 0 = default (ABI §6.1).
     *
     * @param file path
     * @param ifNum {@code netmap_if} objects
     * @param ifSize bytes of each
     * @param ringNum rings
     * @param ringSize bytes of each
     * @param bufNum buffers
     * @param bufSize bytes of each
     */
    public record Extmem(String file, int ifNum, int ifSize, int ringNum, int ringSize, int bufNum, int bufSize) {
        public Extmem {
            requireValue(file);
            requireUpTo(Integer.MAX_VALUE, ifNum, ifSize, ringNum, ringSize, bufNum, bufSize);
        }
    }

    /**
     * Packet offsets (ABI §6.5).
     *
     * @param initial bytes, written into all slots
     * @param bits low bits of a slot's {@code ptr} that hold the offset, 0 = all
     */
    public record Offset(int initial, int bits) {
        public Offset {
            requireUpTo(Integer.MAX_VALUE, initial);
            requireUpTo(Long.SIZE, bits);
        }
    }

    /** @throws IllegalArgumentException if no specification could say this */
    public PortSpec {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (!NAME.matcher(name).matches() || length == 0 || length >= NetmapApi.NETMAP_REQ_IFNAMSIZ) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a port");
        }
        boolean oneRing = mode == NmreqRegister.NR_REG_ONE_NIC || mode == NmreqRegister.NR_REG_ONE_SW;
        if (!oneRing && (mode < NmreqRegister.NR_REG_ALL_NIC || mode > NmreqRegister.NR_REG_NIC_SW)) {
            throw new IllegalArgumentException("mode " + mode + " has no form in a port specification");
        }
        if (ringId < 0 || ringId > (oneRing ? MAX_RING : 0)) {
            throw new IllegalArgumentException("ring " + ringId + " in mode " + mode);
        }
        if ((flags & ~PortSpecFlag.ALL) != 0) {
            throw new IllegalArgumentException("flags 0x" + Integer.toHexString(flags) + " have no letters");
        }
        requireUpTo(MAX_MEM_ID, memId);
        share.ifPresent(PortSpec::requireValue);
    }

    private static void requireValue(String value) {
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value + "' cannot stand in a port specification");
        }
    }

    private static void requireUpTo(int max, int... values) {
        for (int value : values) {
            if (value < 0 || value > max) {
                throw new IllegalArgumentException(value + " is not within 0 to " + max);
            }
        }
    }

    /**
     * Reads a specification. The option {@code offset} is refused: who does not ask for it by {@link #parseWithOffsets}
     * does not know that packets may begin elsewhere than at the start of their buffers.
     *
     * @throws IllegalArgumentException if the text is no port specification; the message says where and what is expected
     */
    public static PortSpec parse(String text) {
        PortSpec spec = parseWithOffsets(text);
        if (spec.offset.isPresent()) {
            throw new IllegalArgumentException(
                    text + ": the option offset needs a program that reads packet offsets; leave it out");
        }
        return spec;
    }

    /** As {@link #parse}, for programs that honour {@code offset_mask} of their rings. */
    public static PortSpec parseWithOffsets(String text) {
        return new PortSpecParser(text).parse();
    }

    /** Whether the name is that of a switch's port, or of a pipe of one (ABI §8.1). */
    public boolean isSwitchPort() {
        return VALE.matcher(name).matches();
    }

    /** Whether the name is that of a pipe's end (ABI §8.1). */
    public boolean isPipeEnd() {
        return name.indexOf('{') >= 0 || name.indexOf('}') >= 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(isSwitchPort() ? "" : "netmap:").append(name);
        switch (mode) {
            case NmreqRegister.NR_REG_SW -> text.append('^');
            case NmreqRegister.NR_REG_NIC_SW -> text.append('*');
            case NmreqRegister.NR_REG_ONE_NIC -> text.append('-').append(ringId);
            case NmreqRegister.NR_REG_ONE_SW -> text.append('^').append(ringId);
            default -> {}
        }
        if (flags != 0) {
            text.append('/').append(PortSpecFlag.letters(flags));
        }
        if (memId != 0) {
            text.append('@').append(memId);
        }
        share.ifPresent(port -> text.append("@share=").append(port));
        text.append(options());
        return text.toString();
    }

    private String options() {
        OptionText text = new OptionText();
        text.option("conf")
                .key("tx-slots", conf.txSlots)
                .key("rx-slots", conf.rxSlots)
                .key("tx-rings", conf.txRings)
                .key("rx-rings", conf.rxRings)
                .key("host-tx-rings", conf.hostTxRings)
                .key("host-rx-rings", conf.hostRxRings);
        extmem.ifPresent(memory -> text.option("extmem")
                .key("file", memory.file)
                .key("if-num", memory.ifNum)
                .key("if-size", memory.ifSize)
                .key("ring-num", memory.ringNum)
                .key("ring-size", memory.ringSize)
                .key("buf-num", memory.bufNum)
                .key("buf-size", memory.bufSize));
        offset.ifPresent(start -> text.option("offset")
                .key("initial", Integer.toString(start.initial))
                .key("bits", start.bits));
        return text.toString();
    }

    /** Options as text; an option without keys leaves no trace, nor does a key of value 0. */
    private static final class OptionText {
        private final StringBuilder text = new StringBuilder();
        private String separator = "";

        OptionText option(String name) {
            separator = "@" + name + ":";
            return this;
        }

        OptionText key(String key, String value) {
            text.append(separator).append(key).append('=').append(value);
            separator = ",";
            return this;
        }

        OptionText key(String key, int value) {
            return value == 0 ? this : key(key, Integer.toString(value));
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
