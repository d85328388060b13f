// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import java.util.function.Function;

/**
 * What functions are started with that take nothing over from another one.
 *
 * @param states what is kept of earlier ones
 * @param maker makes a function once more, by its name
 */
record Resumption(StateSource states, Function<String, NetworkFunction> maker) {
    /** They begin with nothing. */
    static final Resumption NONE = new Resumption(StateSource.NONE, name -> {
        throw new IllegalStateException("nothing is kept of '" + name + "'");
    });

    /** What is kept of those functions of a chain whose state is to be kept. */
    static Resumption of(Chain chain, StateSource states, Function<Node, NetworkFunction> maker) {
        return new Resumption(
                name -> node(chain, name).persist().isPresent() ? states.open(name) : StateSource.NONE.open(name),
                name -> maker.apply(node(chain, name)));
    }

    static Node node(Chain chain, String name) {
        return chain.nodes().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
