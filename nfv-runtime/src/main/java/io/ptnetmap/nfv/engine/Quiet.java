// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Links into which nothing is sent while something behind them stands still, by their {@linkplain LinkIds numbers}: a switch
 * would drop what its receiver has no room for.
 *
 * @param forward those into which nothing is sent towards the chain's end
 * @param backward those into which nothing is sent towards its beginning
 */
public record Quiet(Set<Integer> forward, Set<Integer> backward) {
    public static final Quiet NONE = new Quiet(Set.of(), Set.of());

    public Quiet {
        forward = Set.copyOf(forward);
        backward = Set.copyOf(backward);
    }

    /** All of a chain's links. */
    public static Quiet all(List<Integer> links) {
        return new Quiet(Set.copyOf(links), Set.copyOf(links));
    }

    /** All of a chain's links but these. */
    public Quiet others(List<Integer> links) {
        return new Quiet(without(links, forward), without(links, backward));
    }

    private static Set<Integer> without(List<Integer> links, Set<Integer> some) {
        return links.stream().filter(link -> !some.contains(link)).collect(Collectors.toSet());
    }
}
