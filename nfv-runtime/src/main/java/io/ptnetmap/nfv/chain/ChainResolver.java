// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.api.FunctionType.Kind;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Memory;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.chain.Chain.Vm;
import io.ptnetmap.nfv.chain.Descriptor.FailurePart;
import io.ptnetmap.nfv.chain.Descriptor.FunctionPart;
import io.ptnetmap.nfv.chain.Descriptor.LinkPart;
import io.ptnetmap.nfv.chain.Descriptor.ParallelPart;
import io.ptnetmap.nfv.chain.Descriptor.PortPart;
import io.ptnetmap.nfv.chain.Descriptor.VmPart;
import io.ptnetmap.nfv.chain.YamlNode.Entry;
import io.ptnetmap.nfv.chain.YamlNode.Mapping;
import io.ptnetmap.nfv.chain.YamlNode.Sequence;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks a descriptor against the functions there are, and makes the chain of it. Used once. */
final class ChainResolver {
    private static final int DEFAULT_SLOTS = 1024;

    private final Path file;
    private final ChainFiles files;
    private final Mapping root;
    private final FunctionRegistry functions;
    private final Map<String, String> nodePaths;
    private final Problems problems;
    private final ConfigBinder binder;

    /** @param nodePaths gets the path of each node in the descriptor, by the node's name */
    ChainResolver(
            Path file, ChainFiles files, Mapping root, FunctionRegistry functions, Map<String, String> nodePaths) {
        this.file = file;
        this.files = files;
        this.root = root;
        this.functions = functions;
        this.nodePaths = nodePaths;
        this.problems = new Problems(file.toString());
        this.binder = new ConfigBinder(problems, functions.validator(), files);
    }

    /**
     * One element of {@code functions:}.
     *
     * @param members one function or port, or several functions in parallel
     */
    record Element(YamlNode node, String path, List<Member> members, Optional<LinkPart> link) {
        String name() {
            return members.getFirst().name();
        }

        boolean isPort() {
            return !members.getFirst().port().isEmpty();
        }

        boolean isParallel() {
            return members.size() > 1;
        }
    }

    /** A function or port with what is known about it. */
    record Member(
            YamlNode node,
            String path,
            String name,
            boolean named,
            FunctionPart part,
            String port,
            Optional<FunctionDescription> function,
            Object config) {

        Member renamed(String newName) {
            return new Member(node, path, newName, named, part, port, function, config);
        }

        Kind kind() {
            return function.map(FunctionDescription::kind).orElse(Kind.MIDDLE);
        }

        /** @param onFailure what the chain says of failures; what it leaves open, a source has its own way of */
        Node toNode(FailurePart onFailure) {
            OnFailure usual = onFailure.or(kind() == Kind.SOURCE ? OnFailure.STOP : OnFailure.DEFAULT);
            return new Node(
                    name,
                    port.isEmpty() ? part.type() : "",
                    port,
                    config,
                    part.placement(),
                    part.vm().orElse(""),
                    part.worker(),
                    part.trust().orElse(Node.DEFAULT_TRUST),
                    part.onFailure().map(own -> own.or(usual)).orElse(usual),
                    part.persist());
        }
    }

    Chain resolve(List<Path> functionPath) {
        Optional<Descriptor> bound = binder.bind(root, Descriptor.class, "");
        List<Element> elements = new ArrayList<>();
        if (root.entries().get("functions") instanceof Entry entry && entry.value() instanceof Sequence list) {
            for (int i = 0; i < list.items().size(); i++) {
                element(list.items().get(i), "functions[" + i + "]").ifPresent(elements::add);
            }
        }
        problems.throwIfAny();
        Descriptor descriptor = bound.orElseThrow();
        return chain(descriptor, unique(elements), functionPath);
    }

    private Chain chain(Descriptor descriptor, List<Element> elements, List<Path> functionPath) {
        Wiring wiring = new Wiring(elements, problems);
        List<Wiring.Hop> hops =
                descriptor.links().isEmpty() ? wiring.inListOrder() : wiring.asLinked(root, descriptor.links());
        problems.throwIfAny();
        wiring.checkPlaces(hops);
        problems.throwIfAny();
        List<Stage> stages = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        for (Wiring.Hop hop : hops) {
            hop.element().members().forEach(member -> nodePaths.put(member.name(), member.path()));
            stages.add(new Stage(hop.element().members().stream()
                    .map(member -> member.toNode(descriptor.onFailure()))
                    .toList()));
            if (stages.size() > 1) {
                links.add(link(hop, descriptor.link()));
            }
        }
        wiring.checkParallel(hops, links);
        wiring.checkVms(hops, links);
        wiring.checkTrust(hops, stages, links);
        Map<String, Vm> vms = vms(descriptor, hops);
        problems.throwIfAny();
        Memory memory =
                new Memory(descriptor.memory().buffers(), descriptor.memory().bufferSize());
        return new Chain(
                descriptor.chain(),
                file,
                List.copyOf(stages),
                List.copyOf(links),
                memory,
                List.copyOf(functionPath),
                vms,
                files);
    }

    /** The machines that functions run in. Settings of one that none runs in are most likely another's. */
    private Map<String, Vm> vms(Descriptor descriptor, List<Wiring.Hop> hops) {
        Map<String, VmPart> given = new LinkedHashMap<>(descriptor.vms());
        Map<String, Vm> vms = new LinkedHashMap<>();
        hops.stream()
                .flatMap(hop -> hop.element().members().stream())
                .flatMap(member -> member.part().vm().stream())
                .distinct()
                .forEach(name -> {
                    VmPart part = given.containsKey(name) ? given.remove(name) : VmPart.DEFAULT;
                    vms.put(name, new Vm(part.memory(), part.cpus(), part.files()));
                });
        given.keySet()
                .forEach(name -> binder.noteInside(
                        root,
                        "",
                        "vms." + name,
                        "no function runs in '" + name + "'; place one there by 'vm: " + name + "', or remove it"));
        return Collections.unmodifiableMap(vms);
    }

    /** The link that leads to a hop. */
    private Link link(Wiring.Hop hop, LinkPart usual) {
        LinkPart part = hop.wire()
                .orElse(LinkPart.EMPTY)
                .or(hop.element().link().orElse(LinkPart.EMPTY))
                .or(usual);
        LinkType type = part.type().orElse(LinkType.AUTO);
        if (type == LinkType.VALE && part.policy().equals(Optional.of(Policy.BLOCK))) {
            note(
                    hop.element().members().getFirst(),
                    "link",
                    "a switch does not wait for a receiver, it drops what does not fit and counts it; give a link of type"
                            + " 'vale' the policy 'drop', or none");
        }
        Policy policy = part.policy().orElse(type == LinkType.VALE ? Policy.DROP : Policy.BLOCK);
        return new Link(type, policy, part.slots().orElse(DEFAULT_SLOTS));
    }

    private Optional<Element> element(YamlNode node, String path) {
        Set<String> keys = node instanceof Mapping mapping ? mapping.entries().keySet() : Set.of();
        if (keys.contains("parallel")) {
            return binder.bind(node, ParallelPart.class, path).flatMap(part -> parallel(node, path, part));
        }
        if (keys.contains("port")) {
            return binder.bind(node, PortPart.class, path).map(part -> port(node, path, part));
        }
        return function(node, path)
                .map(member ->
                        new Element(node, path, List.of(member), member.part().link()));
    }

    private static Element port(YamlNode node, String path, PortPart part) {
        FunctionPart placed = new FunctionPart(
                part.name(),
                "",
                Optional.empty(),
                Optional.empty(),
                part.worker(),
                Optional.empty(),
                part.link(),
                Optional.empty(),
                Optional.empty(),
                node);
        Member member = new Member(
                node,
                path,
                part.name().orElse(part.port()),
                part.name().isPresent(),
                placed,
                part.port(),
                Optional.empty(),
                null);
        return new Element(node, path, List.of(member), part.link());
    }

    private Optional<Member> function(YamlNode node, String path) {
        Optional<FunctionPart> bound = binder.bind(node, FunctionPart.class, path);
        if (bound.isEmpty()) {
            return Optional.empty();
        }
        FunctionPart part = bound.get();
        Optional<FunctionDescription> function = functions.find(part.type());
        if (function.isEmpty()) {
            binder.noteInside(
                    node,
                    path,
                    "type",
                    "unknown function '" + part.type() + "'"
                            + Suggestion.among(
                                    part.type(), functions.functions().keySet()));
            return Optional.empty();
        }
        if (part.persist().isPresent() && !function.get().stateful()) {
            binder.noteInside(
                    node,
                    path,
                    "persist",
                    "'" + part.type() + "' knows nothing that could outlive it; remove 'persist' ('nfv functions NAME'"
                            + " says of a function whether it has a state to keep)");
        }
        Optional<Object> config = config(function.get(), node, part, path);
        return config.map(value -> new Member(
                node,
                path,
                part.name().orElse(part.type()),
                part.name().isPresent(),
                part,
                "",
                function,
                value == Void.class ? null : value));
    }

    /** The function's configuration; {@code Void.class} for a function that has none; empty if it is wrong. */
    private Optional<Object> config(FunctionDescription function, YamlNode node, FunctionPart part, String path) {
        if (function.config().isPresent()) {
            return binder.bind(part.config(), function.config().get(), path + ".config")
                    .map(Object.class::cast);
        }
        if (part.config() instanceof Mapping mapping && mapping.entries().isEmpty()
                || part.config().isNull()) {
            return Optional.of(Void.class);
        }
        binder.noteInside(node, path, "config", "function '" + part.type() + "' has no configuration; remove it");
        return Optional.empty();
    }

    private Optional<Element> parallel(YamlNode node, String path, ParallelPart part) {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < part.parallel().size(); i++) {
            function(part.parallel().get(i), path + ".parallel[" + i + "]").ifPresent(members::add);
        }
        Map<Integer, String> workers = new HashMap<>();
        for (Member member : members) {
            checkParallel(member, workers.putIfAbsent(member.part().worker(), member.name()));
        }
        return members.size() == part.parallel().size()
                ? Optional.of(new Element(node, path, List.copyOf(members), part.link()))
                : Optional.empty();
    }

    private void checkParallel(Member member, String onSameWorker) {
        if (!member.function().orElseThrow().readOnly()) {
            note(
                    member,
                    "type",
                    "'" + member.part().type()
                            + "' may change or drop packets, only read-only functions can run in parallel; put it on the path");
        }
        if (member.part().placement() == Placement.OWN) {
            note(member, "process", "functions in parallel share the packets of one process; remove it");
        }
        if (member.part().link().isPresent()) {
            note(member, "link", "one link leads to all functions in parallel; write it beside 'parallel'");
        }
        if (onSameWorker != null) {
            note(
                    member,
                    "worker",
                    "worker " + member.part().worker() + " already runs '" + onSameWorker
                            + "'; functions run in parallel on different workers only");
        }
    }

    private void note(Member member, String field, String message) {
        binder.noteInside(member.node(), member.path(), field, message);
    }

    /** Gives functions without a name of their own one that is unique, and finds names given twice. */
    private List<Element> unique(List<Element> elements) {
        Set<String> taken = new HashSet<>();
        List<Member> all =
                elements.stream().flatMap(element -> element.members().stream()).toList();
        for (Member member : all) {
            if (member.named() && !taken.add(member.name())) {
                note(member, "name", "two elements are named '" + member.name() + "'; rename one of them");
            }
        }
        return elements.stream()
                .map(element -> new Element(
                        element.node(),
                        element.path(),
                        element.members().stream()
                                .map(member -> uniquelyNamed(member, taken))
                                .toList(),
                        element.link()))
                .toList();
    }

    private static Member uniquelyNamed(Member member, Set<String> taken) {
        if (member.named() || taken.add(member.name())) {
            return member;
        }
        int number = 2;
        while (!taken.add(member.name() + "-" + number)) {
            number++;
        }
        return member.renamed(member.name() + "-" + number);
    }
}
