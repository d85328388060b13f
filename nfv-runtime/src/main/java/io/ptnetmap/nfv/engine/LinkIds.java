// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Numbers that a chain's links keep while the chain is changed, and that no other link ever gets. The pipe of a link is called
 * by it.
 *
 * @param ids of the chain's links, in their order
 * @param next the first number that has not been used
 */
public record LinkIds(List<Integer> ids, int next) {
    public LinkIds {
        ids = List.copyOf(ids);
    }

    /** Those of a chain that has never been changed: its links count from 0. */
    public static LinkIds of(Chain chain) {
        int count = chain.links().size();
        return new LinkIds(IntStream.range(0, count).boxed().toList(), count);
    }

    /**
     * Those of the chain that {@code present} is changed into. A link stays the same one if it is of the same kind and size,
     * and if no function that both chains have gets from one side of it to the other: what is in it then still has to pass
     * the same functions.
     */
    public LinkIds after(Chain present, Chain target) {
        Set<String> survivors = names(present.nodes());
        survivors.retainAll(names(target.nodes()));
        List<Integer> result = new ArrayList<>();
        int from = 0;
        int fresh = next;
        for (int link = 0; link < target.links().size(); link++) {
            Identity wanted = Identity.of(target, link, survivors);
            int same = from;
            while (same < ids.size() && !Identity.of(present, same, survivors).equals(wanted)) {
                same++;
            }
            if (same < ids.size()) {
                result.add(ids.get(same));
                from = same + 1;
            } else {
                result.add(fresh++);
            }
        }
        return new LinkIds(result, fresh);
    }

    private static Set<String> names(List<Node> nodes) {
        return nodes.stream().map(Node::name).collect(Collectors.toCollection(HashSet::new));
    }

    /** What two links have in common that may be the same one. */
    private record Identity(LinkShape shape, Set<String> before) {
        static Identity of(Chain chain, int link, Set<String> survivors) {
            Set<String> before = new HashSet<>();
            chain.stages().subList(0, link + 1).forEach(stage -> before.addAll(names(stage.nodes())));
            before.retainAll(survivors);
            return new Identity(LinkShape.of(chain, link), before);
        }
    }
}
