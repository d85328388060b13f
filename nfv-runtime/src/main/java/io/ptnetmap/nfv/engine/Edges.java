// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Links between what leaves a chain in a change and what stays, by their {@linkplain LinkIds numbers}.
 *
 * @param before those that lead to something that leaves, as seen from the chain's beginning
 * @param behind those that lead away from it
 */
public record Edges(Set<Integer> before, Set<Integer> behind) {
    public static final Edges NONE = new Edges(Set.of(), Set.of());

    public Edges {
        before = Set.copyOf(before);
        behind = Set.copyOf(behind);
    }

    /** Those of two parts of a chain. */
    public Edges plus(Edges other) {
        return new Edges(union(before, other.before), union(behind, other.behind));
    }

    private static Set<Integer> union(Set<Integer> some, Set<Integer> others) {
        Set<Integer> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    /**
     * Those at which nothing more may be taken in: the one before all that leaves, and the one behind it. What stays in
     * between could be held up by what leaves behind it, and then hold up what leaves before it; so that gets empty, too.
     *
     * @param order the numbers of all of the chain's links, in the chain's order
     */
    public Set<Integer> outermost(List<Integer> order) {
        List<Integer> all = inOrder(order);
        Set<Integer> outermost = new TreeSet<>();
        if (!all.isEmpty()) {
            int first = all.getFirst();
            int last = all.getLast();
            if (!behind.contains(first)) {
                outermost.add(first);
            }
            if (!before.contains(last)) {
                outermost.add(last);
            }
        }
        return outermost;
    }

    private List<Integer> inOrder(List<Integer> order) {
        return order.stream().filter(union(before, behind)::contains).toList();
    }

    /**
     * Where nothing may be sent while nothing is taken in at the {@link #outermost} links: there, and further away, for whoever
     * cannot send does not receive either. What is between them has to get out, so others go on.
     *
     * @param order the numbers of all of the chain's links, in the chain's order
     */
    public Quiet quiet(List<Integer> order) {
        List<Integer> all = inOrder(order);
        if (all.isEmpty()) {
            return Quiet.NONE;
        }
        int first = order.indexOf(all.getFirst());
        int last = order.indexOf(all.getLast());
        return new Quiet(
                Set.copyOf(behind.contains(order.get(first)) ? List.of() : order.subList(0, first + 1)),
                Set.copyOf(before.contains(order.get(last)) ? List.of() : order.subList(last, order.size())));
    }
}
