// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How packets cross one link of a chain, or come and go at one of its ends, and why so. It follows from the chain alone, so
 * that what is checked, planned, shown and run is the same.
 *
 * @param from name of the element before it; {@code outside} before a port at the chain's beginning
 * @param to name of the element behind it; {@code outside} behind a port at the chain's end
 * @param kind what carries the packets
 * @param transfer whether they are copied on the way
 * @param reason for people, without a full stop
 */
public record Crossing(String from, String to, Kind kind, Transfer transfer, String reason) {
    private static final String OUTSIDE = "outside";

    /** What carries packets from one element to the next. */
    public enum Kind {
        /** Neighbours on one worker. */
        CALL,
        /** A queue between workers of one process. */
        THREAD,
        PIPE,
        VALE,
        /** A netmap port at an end of the chain. */
        PORT
    }

    /** What becomes of a packet's bytes. */
    public enum Transfer {
        ZERO_COPY,
        COPY,
        /** The driver of a network interface decides, when the port is opened. */
        DRIVER;

        /** As in texts for people and programs. */
        public String text() {
            return switch (this) {
                case ZERO_COPY -> "zero-copy";
                case COPY -> "copy";
                case DRIVER -> "driver";
            };
        }
    }

    /** All of a chain, in its order: the port at its beginning, if there is one, its links, and the port at its end. */
    public static List<Crossing> of(Chain chain) {
        List<Crossing> crossings = new ArrayList<>();
        Node first = first(chain, 0);
        if (first.isPort()) {
            crossings.add(PortCrossing.of(first, chain.region(0)).between(OUTSIDE, first.name()));
        }
        for (int link = 0; link < chain.links().size(); link++) {
            crossings.add(of(chain, link));
        }
        int end = chain.stages().size() - 1;
        Node last = first(chain, end);
        if (last.isPort()) {
            crossings.add(PortCrossing.of(last, chain.region(end)).between(last.name(), OUTSIDE));
        }
        return crossings;
    }

    private static Node first(Chain chain, int stage) {
        return chain.stages().get(stage).nodes().getFirst();
    }

    /** That of one link, by its place in {@link Chain#links}. */
    public static Crossing of(Chain chain, int link) {
        Stage before = chain.stages().get(link);
        Stage behind = chain.stages().get(link + 1);
        Kind kind = kind(chain, link);
        Transfer transfer = kind == Kind.VALE ? Transfer.COPY : Transfer.ZERO_COPY;
        return new Crossing(name(before), name(behind), kind, transfer, reason(chain, link, kind));
    }

    private static String name(Stage stage) {
        return stage.nodes().size() == 1
                ? stage.nodes().getFirst().name()
                : stage.nodes().stream().map(Node::name).collect(Collectors.joining("|"));
    }

    /** What carries the packets of a link. */
    public static Kind kind(Chain chain, int link) {
        Node before = first(chain, link);
        Node behind = first(chain, link + 1);
        LinkType type = chain.links().get(link).type();
        if (type == LinkType.VALE) {
            return Kind.VALE;
        }
        if (type == LinkType.PIPE || !before.place().equals(behind.place())) {
            return Kind.PIPE;
        }
        boolean parallel = chain.stages().get(link).nodes().size() > 1
                || chain.stages().get(link + 1).nodes().size() > 1;
        return parallel || before.worker() != behind.worker() ? Kind.THREAD : Kind.CALL;
    }

    private static String reason(Chain chain, int link, Kind kind) {
        int region = chain.region(link);
        return switch (kind) {
            case VALE ->
                "a switch copies from region " + region + " to region " + (region + 1)
                        + ", so that neither side reaches the other's memory";
            case PIPE -> "both ends lie in region " + region + ", where buffers change places";
            case THREAD -> "workers of one process, which pass on buffers of region " + region;
            default -> "one worker of one process: the next function gets the same batch";
        };
    }

    /**
     * Why a link may not join two nodes: all links but those of type {@code vale} lie in memory that both sides write, which
     * functions of different groups must not share. A port belongs to whoever uses it.
     */
    public static Optional<String> refusal(Node before, Node behind, Link link) {
        boolean strangers =
                !before.isPort() && !behind.isPort() && !before.trust().equals(behind.trust());
        if (!strangers || link.type() == LinkType.VALE) {
            return Optional.empty();
        }
        return Optional.of("'" + before.name() + "' is of the group '" + before.trust() + "', '" + behind.name()
                + "' of '"
                + behind.trust() + "', and this link would let each write all packets of the other; use 'type: vale',"
                + " which copies, or give both the same 'trust'");
    }

    Crossing between(String one, String other) {
        return new Crossing(one, other, kind, transfer, reason);
    }

    /**
     * The same when the port has been opened.
     *
     * @param copied whether its driver has packets copied
     * @param description how it passes them on and why so
     */
    public Crossing found(boolean copied, String description) {
        return new Crossing(from, to, kind, copied ? Transfer.COPY : Transfer.ZERO_COPY, description);
    }
}
