// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A link of type {@code vale}: a switch of its own with two persistent ports, which stay when the process or machine behind one
 * of them dies, and when the chain is changed, which never changes how many such links there are. The near port lies in the region
 * before the link, the far one in that behind it.
 *
 * @param link which of the chain's links, from 0
 * @param vale name of the switch, {@code valeCHAIN_0}, counted along the chain
 * @param slots of each ring
 * @param region number of the one before the link
 */
public record SwitchLink(int link, String vale, int slots, int region) {
    /** What a switch's name has room for behind {@code vale}, and before the link's number. */
    private static final int MOST_NAME = 7;

    private static final int PREFIX = "vale".length();

    static SwitchLink of(Chain chain, int link) {
        int region = chain.region(link);
        String name = chain.name().replaceAll("[^A-Za-z0-9_]", "_");
        return new SwitchLink(
                link,
                "vale" + name.substring(0, Math.min(name.length(), MOST_NAME)) + "_" + (region - 1),
                Math.min(chain.links().get(link).slots(), KernelLimits.NM_BDG_MAXSLOTS),
                region);
    }

    /** All of a chain. */
    public static List<SwitchLink> of(Chain chain) {
        return IntStream.range(0, chain.links().size())
                .filter(link -> chain.links().get(link).type() == LinkType.VALE)
                .mapToObj(link -> of(chain, link))
                .toList();
    }

    /** Name of the persistent port towards the chain's beginning; such names do not begin with {@code vale}. */
    public String nearName() {
        return "a_" + vale.substring(PREFIX);
    }

    /** Name of the persistent port towards the chain's end. */
    public String farName() {
        return "b_" + vale.substring(PREFIX);
    }

    /** The port towards the chain's beginning, as it is opened. */
    public String near() {
        return vale + ":" + nearName();
    }

    /** The port towards the chain's end, as it is opened. */
    public String far() {
        return vale + ":" + farName();
    }
}
