// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * How the part of a chain that runs in one process is laid out, and which ports that takes.
 *
 * <p>Neighbours on the same worker join into a row and call each other; neighbours on different workers get a joint between
 * two threads; a netmap pipe joins what is in different processes, or is asked to be joined so. Whoever knows the chain finds
 * the same layout, so that ports can be made ready for an engine elsewhere.
 */
public final class Layout {
    /** What fits a ring of the default region, and is more than any link between two threads needs. */
    private static final int MAX_THREAD_LINK_ENTRIES = 2048;

    /** An observer creates nothing: its ring is there because every batch has one. */
    static final int OBSERVER_SLOTS = 2;

    /** A number, or another port's region. */
    private static final Pattern OWN_REGION = Pattern.compile("@(\\d+|share=)");
    /** A specification, and its options. */
    private static final Pattern REST = Pattern.compile("^([^@]*)(.*)$");

    private final Chain chain;
    private final LinkIds ids;
    private final Predicate<Node> here;

    /**
     * An end of a pipe.
     *
     * @param link which of the chain's links, from 0
     * @param id of the link, the same as long as the chain runs
     * @param mark <code>{</code> towards the chain's beginning, <code>}</code> towards its end
     * @param slots ring size
     */
    public record PipeEnd(int link, int id, char mark, int slots) {
        /** The port's name, the same in each process: {@code netmap:CHAIN{0@conf:slots=1024}, or a {@link SwitchLink}'s. */
        public String port(Chain chain) {
            if (isSwitch(chain)) {
                SwitchLink between = SwitchLink.of(chain, link);
                return mark == '{' ? between.near() : between.far();
            }
            int region = chain.region(link);
            return "netmap:" + family(chain, region) + mark + id + in(region) + "@conf:slots=" + slots;
        }

        /** Whether it is a port of a switch rather than an end of a pipe. */
        boolean isSwitch(Chain chain) {
            return chain.links().get(link).type() == LinkType.VALE;
        }

        /** The {@linkplain Chain#region region} that it lies in. */
        int region(Chain chain) {
            return chain.region(mark == '{' ? link : link + 1);
        }
    }

    /** Pipes of one name lie in one region. */
    private static String family(Chain chain, int region) {
        return chain.name().replaceAll("[^A-Za-z0-9_]", "_") + (region == 1 ? "" : "_" + region);
    }

    /** What a specification says of a region; nothing of the first, where ports lie by themselves. */
    private static String in(int region) {
        return region == 1 ? "" : "@" + region;
    }

    /** The specification of a port at an end of the chain; where it names no region, in that of the stage. */
    String outsidePort(int stage) {
        String port = node(stage).port();
        int region = chain.region(stage);
        boolean apart = region == 1
                || port.startsWith("vale")
                || OWN_REGION.matcher(port).find();
        return apart ? port : REST.matcher(port).replaceFirst("$1@" + region + "$2");
    }

    /**
     * A port to stand for a {@linkplain #scratchRings scratch ring} where there are no null ports: a pipe's end of which the
     * other end is nobody's.
     *
     * @param region which of the chain's {@linkplain Chain#region regions}
     * @param part which of the chain's parts
     * @param number of the ring within the part
     */
    public static String scratchPort(Chain chain, int region, int part, int number, int slots) {
        return "netmap:" + family(chain, 1) + "_part" + part + "{" + number + in(region) + "@conf:slots=" + slots;
    }

    /** Stages that make a segment: from the first to the last. */
    record Row(int first, int last) {}

    /**
     * A link between two workers.
     *
     * @param from stage before it
     * @param to stage behind it; the functions in parallel between the two, if there are any, look at its packets
     * @param entries a power of two
     */
    record Joint(int from, int to, int entries) {}

    /** @param here which nodes run in the process */
    public Layout(Chain chain, Predicate<Node> here) {
        this(chain, LinkIds.of(chain), here);
    }

    /** @param ids of the chain's links */
    public Layout(Chain chain, LinkIds ids, Predicate<Node> here) {
        this.chain = chain;
        this.ids = ids;
        this.here = here;
    }

    /** The ends of pipes, and of links by switches, to open, in the chain's order. */
    public List<PipeEnd> pipeEnds() {
        List<PipeEnd> ends = new ArrayList<>();
        for (int link = 0; link < chain.links().size(); link++) {
            int slots = chain.links().get(link).slots();
            if (isPipe(link) && isHere(link)) {
                ends.add(new PipeEnd(link, id(link), '{', slots));
            }
            if (isPipe(link) && isHere(link + 1)) {
                ends.add(new PipeEnd(link, id(link), '}', slots));
            }
        }
        return ends;
    }

    /**
     * Slots of each scratch ring that the engine asks for, in that order: rings of the region of its ports, where it keeps
     * packets that are on no link.
     */
    public List<Integer> scratchRings() {
        List<Integer> rings = new ArrayList<>();
        for (Joint joint : joints()) {
            rings.add(joint.entries());
            rings.add(joint.entries());
            observers(joint).forEach(observer -> rings.add(OBSERVER_SLOTS));
        }
        rows().forEach(row -> rings.add(Segment.SCRATCH_SLOTS));
        return rings;
    }

    /**
     * What each of them is for, in words that are the same for two chains where an engine that changes from one to the other
     * goes on with the ring.
     */
    public List<String> scratchUses() {
        List<String> uses = new ArrayList<>();
        for (Joint joint : joints()) {
            uses.add("link " + id(joint.from()) + " forward");
            uses.add("link " + id(joint.from()) + " backward");
            observers(joint).forEach(observer -> uses.add("link " + id(joint.from()) + " for " + observer.name()));
        }
        for (Row row : rows()) {
            // Behind functions in parallel, the link is the one that leads to these.
            int left = row.first() - (row.first() > 0 && isParallel(row.first() - 1) ? 2 : 1);
            uses.add("worker " + node(row.first()).worker() + ", links " + end(left) + " to " + end(row.last()));
        }
        return uses;
    }

    /** A link or, at an end of the chain, the port there. */
    private String end(int link) {
        if (link >= 0 && link < chain.links().size()) {
            return String.valueOf(id(link));
        }
        Node outermost = node(link < 0 ? 0 : chain.stages().size() - 1);
        return outermost.isPort() ? outermost.port() : "none";
    }

    /** The {@linkplain Chain#region region} of each of them. */
    public List<Integer> scratchRegions() {
        List<Integer> regions = new ArrayList<>();
        for (Joint joint : joints()) {
            int rings = 2 + observers(joint).size();
            regions.addAll(Collections.nCopies(rings, chain.region(joint.from())));
        }
        rows().forEach(row -> regions.add(chain.region(row.first())));
        return regions;
    }

    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        int first = 0;
        while (first < chain.stages().size()) {
            if (!isHere(first) || isParallel(first)) {
                first++;
                continue;
            }
            int last = first;
            while (last + 1 < chain.stages().size() && joinsByCall(last)) {
                last++;
            }
            rows.add(new Row(first, last));
            first = last + 1;
        }
        return rows;
    }

    List<Joint> joints() {
        List<Joint> joints = new ArrayList<>();
        for (int link = 0; link < chain.links().size(); link++) {
            if (isHere(link) && isHere(link + 1) && !isParallel(link) && !isPipe(link) && !joinsByCall(link)) {
                int wish = Math.clamp(chain.links().get(link).slots(), 2, MAX_THREAD_LINK_ENTRIES);
                joints.add(new Joint(
                        link, isParallel(link + 1) ? link + 2 : link + 1, Integer.highestOneBit(wish - 1) << 1));
            }
        }
        return joints;
    }

    /** The number that a link keeps while the chain is changed. */
    int id(int link) {
        return ids.ids().get(link);
    }

    List<Node> observers(Joint joint) {
        return joint.to() == joint.from() + 2
                ? chain.stages().get(joint.from() + 1).nodes()
                : List.of();
    }

    /** The function or port at a stage, the first one of several in parallel. */
    Node node(int stage) {
        return chain.stages().get(stage).nodes().getFirst();
    }

    boolean isHere(int stage) {
        return chain.stages().get(stage).nodes().stream().allMatch(here);
    }

    private boolean isParallel(int stage) {
        return chain.stages().get(stage).nodes().size() > 1;
    }

    private boolean isPipe(int link) {
        return chain.links().get(link).type() != LinkType.AUTO || isHere(link) != isHere(link + 1);
    }

    private boolean joinsByCall(int link) {
        return isHere(link)
                && isHere(link + 1)
                && !isPipe(link)
                && !isParallel(link)
                && !isParallel(link + 1)
                && node(link).worker() == node(link + 1).worker();
    }
}
