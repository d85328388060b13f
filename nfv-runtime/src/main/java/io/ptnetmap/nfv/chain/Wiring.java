// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.api.FunctionType.Kind;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.chain.ChainResolver.Element;
import io.ptnetmap.nfv.chain.ChainResolver.Member;
import io.ptnetmap.nfv.chain.Descriptor.LinkPart;
import io.ptnetmap.nfv.chain.Descriptor.WirePart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts a chain's elements in the order in which packets pass them, and checks that each may stand where it stands. */
final class Wiring {
    private final List<Element> elements;
    private final Problems problems;

    Wiring(List<Element> elements, Problems problems) {
        this.elements = elements;
        this.problems = problems;
    }

    /** An element and what {@code links:} says of the link that leads to it. */
    record Hop(Element element, Optional<LinkPart> wire) {}

    /** Each element is linked to the next one of the list. */
    List<Hop> inListOrder() {
        Element first = elements.getFirst();
        if (first.link().isPresent()) {
            note(first, "link", "nothing leads to the chain's first element; remove it");
        }
        return elements.stream()
                .map(element -> new Hop(element, Optional.empty()))
                .toList();
    }

    /** The one path that the explicit links make. */
    List<Hop> asLinked(YamlNode root, List<WirePart> links) {
        Map<String, Element> byName = new LinkedHashMap<>();
        elements.forEach(element -> element.members().forEach(member -> byName.put(member.name(), element)));
        Map<Element, WirePart> outgoing = new HashMap<>();
        Map<Element, WirePart> incoming = new HashMap<>();
        for (int i = 0; i < links.size(); i++) {
            WirePart wire = links.get(i);
            String path = "links[" + i + "]";
            join(root, path + ".from", "out", wire.from(), wire, byName, outgoing);
            join(root, path + ".to", "in", wire.to(), wire, byName, incoming);
        }
        problems.throwIfAny();
        return follow(outgoing, incoming, byName);
    }

    private void join(
            YamlNode root,
            String path,
            String side,
            String name,
            WirePart wire,
            Map<String, Element> byName,
            Map<Element, WirePart> joined) {
        Element element = byName.get(name);
        if (element == null) {
            problems.add(
                    root.locate(path),
                    path,
                    "unknown element '" + name + "'"
                            + Suggestion.among(name, byName.keySet().stream().toList()));
            return;
        }
        WirePart earlier = joined.putIfAbsent(element, wire);
        if (earlier != null) {
            problems.add(
                    root.locate(path),
                    path,
                    "the '" + side + "' side of '" + name + "' is used twice, first by the link from '" + earlier.from()
                            + "' to '" + earlier.to() + "'; each side takes one link");
        }
    }

    private List<Hop> follow(
            Map<Element, WirePart> outgoing, Map<Element, WirePart> incoming, Map<String, Element> byName) {
        Optional<Element> start = elements.stream()
                .filter(element -> !incoming.containsKey(element))
                .findFirst();
        List<Hop> hops = new ArrayList<>();
        Set<Element> reached = new HashSet<>();
        Element here = start.orElse(null);
        while (here != null && reached.add(here)) {
            hops.add(new Hop(here, Optional.ofNullable(incoming.get(here)).map(WirePart::link)));
            WirePart next = outgoing.get(here);
            here = next == null ? null : byName.get(next.to());
        }
        for (Element element : elements) {
            if (!reached.contains(element)) {
                noteUnreached(element, start, outgoing, byName, reached);
            }
        }
        return hops;
    }

    private void noteUnreached(
            Element element,
            Optional<Element> start,
            Map<Element, WirePart> outgoing,
            Map<String, Element> byName,
            Set<Element> reached) {
        StringBuilder route = new StringBuilder(element.name());
        Set<Element> seen = new HashSet<>();
        Element here = element;
        while (here != null && seen.add(here)) {
            WirePart next = outgoing.get(here);
            here = next == null ? null : byName.get(next.to());
            route.append(here == null ? "" : " -> " + here.name());
        }
        if (here == element) {
            note(element, "", "cyclic chain: " + route + "; cut one of these links");
            reached.addAll(seen);
        } else {
            note(
                    element,
                    "",
                    "'" + element.name() + "' is not reached from '"
                            + start.map(Element::name).orElse("") + "'; add a link to it or remove it");
        }
    }

    /** Sources and sinks stand at the ends, ports too, each port once. */
    void checkPlaces(List<Hop> hops) {
        Element first = hops.getFirst().element();
        Element last = hops.getLast().element();
        if (hops.size() == 1) {
            note(first, "", "a chain needs at least two elements: where packets come from and where they go");
            return;
        }
        for (Hop hop : hops) {
            hop.element()
                    .members()
                    .forEach(member -> checkPlace(member, hop.element() == first, hop.element() == last));
        }
        if (first.isPort()
                && last.isPort()
                && first.members()
                        .getFirst()
                        .port()
                        .equals(last.members().getFirst().port())) {
            note(last, "port", "port '" + last.members().getFirst().port() + "' is used twice; give each end its own");
        }
    }

    /**
     * Functions in parallel look at the packets of a link between two threads of one process.
     *
     * @param links {@code links.get(i)} joins hop i with hop i + 1
     */
    void checkParallel(List<Hop> hops, List<Link> links) {
        for (int i = 0; i < hops.size(); i++) {
            Element element = hops.get(i).element();
            if (!element.isParallel()) {
                continue;
            }
            if (i == 0 || i == hops.size() - 1) {
                noteParallel(element, "functions in parallel need a neighbour on either side; put one there");
                continue;
            }
            checkNeighbour(element, hops.get(i - 1).element());
            checkNeighbour(element, hops.get(i + 1).element());
            if (links.get(i - 1).type() != LinkType.AUTO || links.get(i).type() != LinkType.AUTO) {
                noteParallel(
                        element,
                        "a netmap port has one reader, functions in parallel cannot share it; give the links before and behind"
                                + " them 'type: auto'");
            }
        }
    }

    private void checkNeighbour(Element element, Element neighbour) {
        String name = neighbour.name();
        if (neighbour.isParallel()) {
            noteParallel(
                    element,
                    "next to other functions in parallel, '" + name + "' and more; join the groups or put a function"
                            + " between them");
        } else if (neighbour.members().getFirst().part().placement() == Placement.OWN) {
            noteParallel(
                    element,
                    "'" + name
                            + "' runs in a process of its own and cannot stand beside functions in parallel; remove its"
                            + " 'process' or put a function between them");
        } else if (!vmOf(neighbour).equals(vmOf(element))) {
            noteParallel(
                    element,
                    "functions in parallel share the packets of one process with their neighbours, but '" + name
                            + "' runs elsewhere; give all of them the same 'vm', or none");
        }
    }

    /** The virtual machine that an element runs in, empty for none. */
    private static String vmOf(Element element) {
        return element.members().getFirst().part().vm().orElse("");
    }

    /**
     * Functions of one virtual machine follow one another, so that they are joined inside it, without a pipe.
     *
     * @param links {@code links.get(i)} joins hop i with hop i + 1
     */
    void checkVms(List<Hop> hops, List<Link> links) {
        Map<String, Element> lastOf = new HashMap<>();
        for (int i = 0; i < hops.size(); i++) {
            Element element = hops.get(i).element();
            checkSameVm(element);
            String vm = vmOf(element);
            if (vm.isEmpty()) {
                continue;
            }
            Element before = lastOf.put(vm, element);
            boolean adjacent = i > 0 && hops.get(i - 1).element() == before;
            if (before != null && !adjacent) {
                note(
                        element,
                        "vm",
                        "'" + before.name() + "' and '" + element.name() + "' run in '" + vm + "', but '"
                                + hops.get(i - 1).element().name()
                                + "' between them does not; functions of one VM must be neighbours");
            } else if (adjacent && links.get(i - 1).type() != LinkType.AUTO) {
                note(
                        element,
                        "link",
                        "'" + before.name() + "' and '" + element.name() + "' are joined within '" + vm
                                + "', where there are no pipes and switches; give their link 'type: auto', or each a VM of its own");
            }
        }
    }

    private void checkSameVm(Element element) {
        for (Member member : element.members()) {
            if (!member.part().vm().orElse("").equals(vmOf(element))) {
                note(
                        member,
                        "vm",
                        "functions in parallel share the packets of one process; give '" + element.name() + "' and '"
                                + member.name() + "' the same 'vm', or none");
            }
        }
    }

    /** Functions of different groups are joined by what keeps their memory apart, and share no process. */
    void checkTrust(List<Hop> hops, List<Stage> stages, List<Link> links) {
        for (int i = 0; i < links.size(); i++) {
            Node before = stages.get(i).nodes().getFirst();
            Node behind = stages.get(i + 1).nodes().getFirst();
            Element element = hops.get(i + 1).element();
            Crossing.refusal(before, behind, links.get(i)).ifPresent(refusal -> note(element, "link", refusal));
        }
        Map<String, Node> firstOf = new HashMap<>();
        for (int i = 0; i < stages.size(); i++) {
            List<Member> members = hops.get(i).element().members();
            for (int j = 0; j < members.size(); j++) {
                Node node = stages.get(i).nodes().get(j);
                if (node.isPort()) {
                    continue;
                }
                Node first = firstOf.putIfAbsent(node.place(), node);
                if (first != null && !first.trust().equals(node.trust())) {
                    note(
                            members.get(j),
                            "trust",
                            "'" + first.name() + "' and '" + node.name() + "' are of the groups '" + first.trust()
                                    + "' and '" + node.trust() + "' and would share the memory of "
                                    + (node.place().isEmpty() ? "one process" : "'" + node.vm() + "'")
                                    + "; give one of them 'process: own' or a 'vm' of its own");
                }
            }
        }
    }

    private void noteParallel(Element element, String message) {
        problems.add(element.node().locate("parallel"), element.path() + ".parallel", message);
    }

    private void checkPlace(Member member, boolean first, boolean last) {
        boolean port = !member.port().isEmpty();
        if (port && !first && !last) {
            note(
                    member,
                    "port",
                    "a port can stand only at the chain's beginning or end; move '" + member.name() + "' there");
        } else if (member.kind() == Kind.SOURCE && !first) {
            note(
                    member,
                    "type",
                    "'" + member.part().type() + "' makes packets; it can stand only at the chain's beginning");
        } else if (member.kind() == Kind.SINK && !last) {
            note(
                    member,
                    "type",
                    "'" + member.part().type() + "' takes all packets; it can stand only at the chain's end");
        } else if (first && !port && member.kind() == Kind.MIDDLE) {
            note(
                    member,
                    "",
                    "no packets come to '" + member.name()
                            + "'; begin the chain with a source, such as pcap-source, or a port");
        } else if (last && !port && member.kind() == Kind.MIDDLE) {
            note(
                    member,
                    "",
                    "packets of '" + member.name()
                            + "' have nowhere to go; end the chain with a sink, such as pcap-sink, or a port");
        }
    }

    private void note(Element element, String field, String message) {
        note(element.members().getFirst(), field, message);
    }

    private void note(Member member, String field, String message) {
        problems.add(member.node().locate(field), KeyPath.join(member.path(), field), message);
    }
}
