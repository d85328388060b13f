// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Stage;
import java.util.List;

/**
 * What a link is made of.
 *
 * @param kind what carries the packets
 * @param before process or machine of what is before it
 * @param behind process or machine of what is behind it
 * @param slots ring size; 0 for a call
 * @param observers functions in parallel that look at the packets of a queue, each with its worker
 */
public record LinkShape(Kind kind, String before, String behind, int slots, List<String> observers) {
    /** What carries packets from one stage to the next. */
    public enum Kind {
        /** Nothing: one function is called after the other. */
        CALL,
        /** A queue between two workers of a process. */
        THREAD,
        /** A netmap pipe. */
        PIPE,
        /** A switch between two memory regions. */
        SWITCH,
        /** From functions in parallel to what is behind them: part of the queue that leads to these. */
        PART
    }

    /** The shape of one of a chain's links. */
    public static LinkShape of(Chain chain, int link) {
        Stage before = chain.stages().get(link);
        Stage behind = chain.stages().get(link + 1);
        Node first = before.nodes().getFirst();
        Node second = behind.nodes().getFirst();
        Chain.Link settings = chain.links().get(link);
        boolean apart = !first.place().equals(second.place());
        boolean parallel = before.nodes().size() > 1 || behind.nodes().size() > 1;
        Kind kind;
        if (settings.type() == LinkType.VALE) {
            kind = Kind.SWITCH;
        } else if (apart || settings.type() == LinkType.PIPE) {
            kind = Kind.PIPE;
        } else if (before.nodes().size() > 1) {
            kind = Kind.PART;
        } else {
            kind = parallel || first.worker() != second.worker() ? Kind.THREAD : Kind.CALL;
        }
        List<String> observers = behind.nodes().size() == 1
                ? List.of()
                : behind.nodes().stream()
                        .map(node -> node.name() + " on worker " + node.worker())
                        .toList();
        return new LinkShape(kind, first.place(), second.place(), hasRing(kind) ? settings.slots() : 0, observers);
    }

    /** Whether it has rings that packets wait in. */
    public boolean hasRing() {
        return hasRing(kind);
    }

    /** Whether it is a switch, whose ports and regions last as long as the chain runs. */
    public boolean isSwitch() {
        return kind == Kind.SWITCH;
    }

    private static boolean hasRing(Kind kind) {
        return kind == Kind.THREAD || kind == Kind.PIPE || kind == Kind.SWITCH;
    }
}
