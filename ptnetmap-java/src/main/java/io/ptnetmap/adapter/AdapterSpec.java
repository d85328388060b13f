// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.abi.PortSpec;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an adapter port: {@code pcap:FILE}, {@code tap:NAME}, {@code null} or {@code scratch}, then as in other ports'
 * specifications {@code /R} for receiving or {@code /T} for transmitting only, {@code @2} or {@code @share=PORT} for the region,
 * and {@code @conf:slots=512} for sizes.
 *
 * @param kind what is at the other end
 * @param target file or device; empty where the kind has none
 * @param transmit whether there are transmit rings
 * @param receive whether there are receive rings
 * @param snaplen most bytes to write of each packet
 * @param region which one, and sizes; its name means nothing
 */
public record AdapterSpec(Kind kind, String target, boolean transmit, boolean receive, int snaplen, PortSpec region) {
    /** What is at the other end of a port. */
    public enum Kind {
        /** A capture file: read, or with {@code /T} written. */
        PCAP,
        /** A tap device: the kernel's network stack. */
        TAP,
        /** Nothing: what is sent is gone at once, and nothing comes. */
        NULL,
        /** Nothing that moves: netmap's null port, whose slots are a place for buffers. */
        SCRATCH
    }

    private static final Pattern FORM = Pattern.compile("(pcap:|tap:|null:?|scratch:?)([^@]*?)(/[RT]+)?(@.*)?");
    private static final Pattern BEGINNING = Pattern.compile("(pcap:|tap:|(null|scratch)($|[:/@])).*");
    private static final Pattern SNAPLEN = Pattern.compile("@snaplen=([0-9]{1,6})(?=@|$)");
    private static final int MAX_SNAPLEN = 262_144;
    private static final int MAX_DEVICE_NAME = 15;

    /** Whether a specification is an adapter port's, well-formed or not. */
    public static boolean matches(String spec) {
        return BEGINNING.matcher(spec).matches();
    }

    /**
     * Reads a specification that {@link #matches}.
     *
     * @throws IllegalArgumentException if it is malformed; the message says what is expected
     */
    public static AdapterSpec parse(String spec) {
        Matcher snaplen = SNAPLEN.matcher(spec);
        int limit = snaplen.find() ? Integer.parseInt(snaplen.group(1)) : MAX_SNAPLEN;
        require(limit >= 1 && limit <= MAX_SNAPLEN, spec, "snaplen is 1 to " + MAX_SNAPLEN + " bytes");
        Matcher matcher = FORM.matcher(snaplen.replaceAll(""));
        require(matcher.matches(), spec, "expected KIND:NAME, then /R or /T, then @OPTIONS");
        String target = matcher.group(2);
        Kind kind = switch (matcher.group(1).charAt(0)) {
            case 'p' -> Kind.PCAP;
            case 't' -> Kind.TAP;
            case 'n' -> Kind.NULL;
            default -> Kind.SCRATCH;
        };
        boolean named = kind == Kind.PCAP || kind == Kind.TAP;
        require(!named || !target.isEmpty(), spec, "there is no name behind the colon");
        require(named || target.isEmpty(), spec, "a " + matcher.group(1) + " port has no name");
        require(
                kind != Kind.TAP || target.length() <= MAX_DEVICE_NAME && !target.contains("/"),
                spec,
                "a tap device's name has up to " + MAX_DEVICE_NAME + " characters, no / among them");
        String flags = matcher.group(3) == null ? "" : matcher.group(3);
        PortSpec region = PortSpec.parse("netmap:port" + (matcher.group(4) == null ? "" : matcher.group(4)));
        boolean only = flags.length() == 2;
        boolean transmit = only ? flags.endsWith("T") : kind != Kind.PCAP;
        boolean receive = !only || flags.endsWith("R");
        require(kind != Kind.PCAP || flags.length() <= 2, spec, "a file is read, /R, or written, /T, not both");
        return new AdapterSpec(kind, target, transmit, receive, limit, region);
    }

    private static void require(boolean holds, String spec, String problem) {
        if (!holds) {
            throw new IllegalArgumentException("'" + spec + "': " + problem);
        }
    }

    /** Transmit rings to ask for. */
    int txRings() {
        return !transmit ? 0 : kind == Kind.SCRATCH ? Math.max(1, region.conf().txRings()) : 1;
    }

    /** Receive rings to ask for. */
    int rxRings() {
        return !receive ? 0 : kind == Kind.SCRATCH ? region.conf().rxRings() : 1;
    }
}
