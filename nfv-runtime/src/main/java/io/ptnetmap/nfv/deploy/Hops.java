// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.TapSpec;
import io.ptnetmap.nfv.capture.TraceSpec.Place;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.engine.SwitchLink;
import java.util.ArrayList;
import java.util.List;

/**
 * The places of a chain where packets can be looked at.
 *
 * @param chain as it is now
 */
record Hops(Chain chain) {
    /** Between the names of a hop's ends. */
    private static final String SEPARATOR = "..";

    /** From a function or port to the next. */
    record Hop(Node from, Node to) {
        String name() {
            return from.name() + SEPARATOR + to.name();
        }
    }

    /** The name of the hop that a tap is at. */
    static String name(TapSpec tap) {
        return tap.from() + SEPARATOR + tap.to();
    }

    List<Hop> all() {
        List<Hop> hops = new ArrayList<>();
        for (int link = 0; link < chain.links().size(); link++) {
            for (Node from : chain.stages().get(link).nodes()) {
                for (Node to : chain.stages().get(link + 1).nodes()) {
                    hops.add(new Hop(from, to));
                }
            }
        }
        return hops;
    }

    /** @throws ChainRequestException if there is none of that name */
    Hop find(String name) {
        return all().stream().filter(hop -> hop.name().equals(name)).findFirst().orElseThrow(() -> {
            List<String> names = all().stream().map(Hop::name).toList();
            return new ChainRequestException("no hop '" + name + "' in this chain" + Suggestion.among(name, names));
        });
    }

    /**
     * Where packets come in.
     *
     * @param from a function, or empty for the chain's ends
     * @throws ChainRequestException if packets cannot be followed from there on
     */
    List<Place> entries(String from) {
        if (from.isEmpty()) {
            return List.of(new Place(first(), false), new Place(last(), true));
        }
        for (Chain.Stage stage : chain.stages()) {
            if (stage.nodes().stream().anyMatch(node -> node.name().equals(from))) {
                if (stage.nodes().size() > 1) {
                    throw new ChainRequestException("'" + from
                            + "' looks at packets in parallel to others; follow them from the function before it");
                }
                return List.of(new Place(from, false), new Place(from, true));
            }
        }
        throw new ChainRequestException("no function '" + from + "' in this chain"
                + Suggestion.among(from, chain.nodes().stream().map(Node::name).toList()));
    }

    /** The functions and ports that packets pass one after the other, without those in parallel. */
    List<String> path() {
        return chain.stages().stream()
                .filter(stage -> stage.nodes().size() == 1)
                .map(stage -> stage.nodes().getFirst().name())
                .toList();
    }

    /** Where packets leave, by the way they go. */
    List<Place> exits() {
        return List.of(new Place(first(), true), new Place(last(), false));
    }

    /** Where packets leave for a switch, by the way they go. */
    List<Place> switched() {
        List<Place> places = new ArrayList<>();
        for (SwitchLink link : SwitchLink.of(chain)) {
            places.add(new Place(nodeAt(link.link()), false));
            places.add(new Place(nodeAt(link.link() + 1), true));
        }
        return places;
    }

    private String nodeAt(int stage) {
        return chain.stages().get(stage).nodes().getFirst().name();
    }

    private String first() {
        return nodeAt(0);
    }

    private String last() {
        return nodeAt(chain.stages().size() - 1);
    }
}
